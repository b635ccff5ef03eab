"""The kit every `SceneStore` and `Ledger` must pass. Subclass in a test module:

```python
class TestMyStore(SceneStoreConformance, LedgerConformance):
    site = site_fixture(my_site)        # an async context manager giving (store, ledger) of a fresh site
```
"""

from __future__ import annotations

from fleetmind.memory.conformance.ledger import LedgerConformance
from fleetmind.memory.conformance.scene import SceneStoreConformance
from fleetmind.memory.conformance.site import Site, refused, site_fixture

__all__ = ["LedgerConformance", "SceneStoreConformance", "Site", "refused", "site_fixture"]
