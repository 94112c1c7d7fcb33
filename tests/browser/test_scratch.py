
from tests.browser.test_wall import *
from tests.served_city import served_demo_city
@pytest.fixture(scope="module")
def city():
    with served_demo_city(worker=False) as c:
        yield c
@pytest.fixture(scope="module")
def wet_city(city):
    flood(city)
    return city
