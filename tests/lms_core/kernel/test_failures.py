"""What a database's error means to who asked."""

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from lms_core.kernel.failures import Failure, failure


@pytest.mark.parametrize("kind", [psycopg.OperationalError, psycopg.errors.ConnectionTimeout])
def test_a_database_that_does_not_answer_is_gone_as_one_that_refuses(kind: type[psycopg.Error]) -> None:
    assert failure(OperationalError("SELECT 1", {}, kind("not there"))) is Failure.GONE
