"""A store of one's own, checked by the kit in ten lines:  pytest examples/own_store.py"""

from contextlib import asynccontextmanager

from fleetmind.memory import LocalSite
from fleetmind.memory.conformance import LedgerConformance, SceneStoreConformance, site_fixture


@asynccontextmanager
async def fresh_site():
    site = LocalSite()  # put your own store and ledger here
    yield site.store, site.ledger


class TestMyStore(SceneStoreConformance, LedgerConformance):
    site = site_fixture(fresh_site)
