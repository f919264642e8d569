"""The heads of the ledger are public, hold no patient, and can be checked by whoever kept one."""

import base64
import re
import subprocess
from pathlib import Path

import pytest

from tcm.records.heads import read_published
from tcm.store.engine import Store
from tests.tcm.centre import packed
from tests.web.desks.hands import Web, shown
from web.jobs.publishing import HEADS, publish_heads


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county whose day was sealed."""
    web = Web(sqlite_store)
    packed(web.county)
    with web.county.work() as work:
        work.ledger.seal(work.now)
        work.commit()
    return web


def head_of(web: Web) -> str:
    with web.county.work() as work:
        return work.ledger.heads()[0].head


def test_anyone_sees_the_heads_and_keeps_one_as_signed_text(web: Web) -> None:
    anyone = web.anyone()
    page = anyone.get("/ledger/heads").text
    assert head_of(web) in page
    kept = anyone.get("/ledger/heads/1.txt")
    assert kept.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert read_published(kept.text).sealed.head == head_of(web)
    assert read_published(kept.text).key in page


def test_openssl_alone_can_check_a_head(web: Web, tmp_path: Path) -> None:
    anyone = web.anyone()
    signed, _, signature = anyone.get("/ledger/heads/1.txt").text.rpartition("signature: ")
    (tmp_path / "key.pem").write_text(anyone.get("/ledger/heads/key.pem").text)
    (tmp_path / "signed").write_text(signed)
    (tmp_path / "signature").write_bytes(base64.b64decode(signature))
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed -sigfile signature"
    checked = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert checked.stdout.strip() == "Signature Verified Successfully"


def test_a_head_from_paper_is_found_by_its_digits_or_told_to_be_unknown(web: Web) -> None:
    anyone, head = web.anyone(), head_of(web)
    typed = anyone.get(f"/ledger/heads?head={head[:20].upper()}")
    assert "账本里有这个封存值" in shown(anyone.follow(typed))
    unknown = anyone.get("/ledger/heads/" + "0" * 64)
    assert (unknown.status_code, "账本里没有这个封存值" in unknown.text) == (404, True)
    assert "封存值是 16 到 64 位" in anyone.get("/ledger/heads?head=hello").text
    assert anyone.get("/ledger/heads/99.txt").status_code == 404


def test_a_head_that_was_changed_after_publishing_says_so_to_everybody(web: Web) -> None:
    store = web.county.store
    assert [publish_heads(store, store.home / HEADS), publish_heads(store, store.home / HEADS)] == [1, 0]
    with store.engine.begin() as connection:
        for name in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger_heads'"
        ).scalars():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE ledger_heads SET head = ?", ("e" * 64,))
    assert "公布之后被改过" in web.anyone().get("/ledger/heads/" + "e" * 16).text


def test_the_proof_of_a_bag_leads_to_its_head(web: Web) -> None:
    with web.county.work() as work:
        code = work.bags.all()[0].code
    manager = web.browser(web.county.manager)
    page = manager.get(f"/tracing/bags/{code}").text
    assert re.search(rf'href="/ledger/heads/{head_of(web)[:16]}"', page)
