"""Organisations that are customers of a billing system, for as long as a test lasts."""

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from monitr_pipelines.emulators.stripe import Account, serve
from monitr_pipelines.warehouse.server.database import Connection

_numbers = itertools.count(1)


@pytest.fixture
def account() -> Iterator[Account]:
    with serve(Account("sk_test_canary_4242")) as served:
        yield served


@pytest.fixture
def make_customer(connection: Connection, make_entity: Callable[..., str]) -> Iterator[Callable[..., str]]:
    """Makes an entity whose organisation is a customer; returns its key and the customer's id."""

    def make(subscription: str = "active") -> tuple[str, str]:
        entity = make_entity(subscription=subscription, provider="tryton")
        customer = f"cus_{os.getpid()}_{next(_numbers)}"
        connection.execute(
            "update app.organisation set billing_customer = %s, subscription_applied = subscription "
            "where id = (select organisation_id from app.entity where key = %s)",
            [customer, entity],
        )
        return entity, customer

    yield make
    connection.execute(
        "update app.organisation set billing_customer = null, subscription_read_at = null "
        "where billing_customer is not null"
    )
