"""Both stores pass the kit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fleetmind.memory.conformance import LedgerConformance, SceneStoreConformance, Site, site_fixture
from fleetmind.memory.local import LocalSite


@asynccontextmanager
async def local_site() -> AsyncIterator[Site]:
    site = LocalSite()
    yield site.store, site.ledger


class TestLocal(SceneStoreConformance, LedgerConformance):
    site = site_fixture(local_site)


class TestRedis(SceneStoreConformance, LedgerConformance):
    @pytest.fixture
    def site(self, site_on: Site) -> Site:
        return site_on
