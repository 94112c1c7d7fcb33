import json,sys
from tests.ogc.conftest import *
import tests.ogc.conftest as c
def test_try(town):
    for p in ["/ogc","/ogc/conformance","/ogc/collections","/ogc/collections/cell","/ogc/collections/cell/items","/ogc/collections/incident/items?limit=2","/ogc/collections/asset_public_facility/items?limit=2&filter=state%3D%27damaged%27","/ogc/api","/ogc/tiles/WebMercatorQuad","/ogc/tileMatrixSets/WebMercatorQuad","/ogc/collections/cell/queryables","/ogc/collections/cell/items?f=html","/ogc?f=html","/ogc/collections?f=html", "/ogc/collections/cell?f=html","/ogc/collections/station/items","/ogc/collections/track/items","/ogc/collections/coverage/items","/ogc/collections/incidents_by_cell_month/items","/ogc/collections/organisation/items","/ogc/collections/cell/items?bbox=-180,-90,180,90","/ogc/collections/cell/items?bbox=170,-90,-170,90"]:
        a=town.ask("GET",p)
        print(p,a.status,a.headers.get('content-type'),a.body[:300] if 'html' not in p else len(a.body))
