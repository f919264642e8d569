"""Every refusal and failure as one sentence: a whole page, or for htmx a notice that leaves the form."""

from dataclasses import dataclass

from flask import Flask, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Forbidden, IllegalMove, Invalid, NotFound, Refused, Stale
from tcm.services.connecting import KeyRefused
from tcm.store.troubles import MachineTrouble, trouble_of
from web.auth import ask_nobody
from web.house import asks_api, current_house
from web.i18n import say
from web.observe import where_it_broke
from web.problems import SENTENCES as API_SENTENCES
from web.problems import Faulty, problem

STATUS_OF_REFUSAL: tuple[tuple[type[Refused], int], ...] = (
    (KeyRefused, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Stale, 409),
    (IllegalMove, 409),
    (Invalid, 422),
)
TITLES = {
    400: N_("请求有误"),
    401: N_("请先登录"),
    403: N_("没有权限"),
    404: N_("没有找到"),
    405: N_("不能这样打开"),
    409: N_("已有变化"),
    413: N_("文件太大"),
    422: N_("请再核对"),
    429: N_("操作太频繁"),
    500: N_("系统出错了"),
    503: N_("系统正忙"),
    507: N_("磁盘满了"),
}
SENTENCES = {
    400: N_("这个请求无法识别，请返回上一页重试。"),
    401: N_("登录已失效。请在新窗口登录，再回到这一页提交，您填写的内容仍在。"),
    403: N_("您没有这项权限。"),
    404: N_("没有这个页面，它可能已被移走。"),
    405: N_("这个地址不能直接打开，请从页面上的按钮操作。"),
    413: N_("文件或表单太大，最多 %(upload_mb)s MB。请压缩照片后再上传。"),
    429: N_("请稍等一分钟再试。"),
    500: N_("系统出错了，已经记录下来。请把编号告诉管理员。"),
    503: N_("系统正忙，这一步没有保存。请过一会儿再提交一次。"),
    507: N_("服务器的磁盘满了，这一步没有保存。请马上告诉管理员；腾出空间后再提交一次。"),
}
_STATUS_OF_TROUBLE = {MachineTrouble.BUSY: 503, MachineTrouble.FULL: 507}
CSRF_SENTENCE = N_("这一页打开得太久，没有提交成功。请按“返回”，您填写的内容还在，再提交一次。")
CSRF_SENTENCE_IN_PLACE = N_("这一页打开得太久，没有提交成功。您填写的内容还在，请再提交一次。")


@dataclass(frozen=True)
class Trouble:
    """What an error page says.

    Args:
        status: HTTP status.
        title: A msgid.
        sentence: Translated already.
        request_id: By which the log line is found.
    """

    status: int
    title: str
    sentence: str
    request_id: str


def install(app: Flask) -> None:
    """Answer every error with a page or a notice.

    Args:
        app: The application.
    """
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.register_error_handler(HTTPException, _http_failed)
    app.register_error_handler(Exception, _broke)


def status_of(refusal: Refused) -> int:
    """The status with which a refusal is answered.

    Args:
        refusal: Of a use case.

    Returns:
        4xx.
    """
    return next((status for kind, status in STATUS_OF_REFUSAL if isinstance(refusal, kind)), 422)


def wants_fragment() -> bool:
    """Whether htmx asks, so that the answer is swapped into the page that is open.

    Returns:
        True for htmx's requests.
    """
    return request.headers.get("HX-Request") == "true"


def answer(status: int, sentence: str) -> Response:
    """An error as a page, or as a notice for htmx.

    Args:
        status: HTTP status.
        sentence: Translated.

    Returns:
        The response.
    """
    if asks_api():
        return problem(status, sentence)
    # The least used classes of status share a title.
    title = TITLES.get(status) or TITLES[500 if status >= 500 else 400]
    trouble = Trouble(status, title, sentence, g.get("request_id", ""))
    if not wants_fragment():
        return make_response(render_template("errors/page.html", trouble=trouble), status)
    response = make_response(render_template("errors/notice.html", trouble=trouble), status)
    # htmx 4 swaps errors like anything else: send this one to the live region, whatever the form asked for.
    response.headers["HX-Retarget"] = "#notices"
    response.headers["HX-Reswap"] = "innerHTML"
    response.headers["HX-Reselect"] = ".notice"
    response.headers["HX-Push-Url"] = "false"
    if status == 401:
        # The page asks for the password in place.
        response.headers["HX-Trigger"] = "tangye:signed-out"
    return response


def _refused(error: Refused) -> Response:
    if isinstance(error, KeyRefused):
        return problem(401, say(error), headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, Faulty):
        return problem(422, say(error), error.faults)
    return answer(status_of(error), say(error))


def _csrf_failed(_error: CSRFError) -> Response:
    if not wants_fragment():
        return answer(400, say(Refused(CSRF_SENTENCE)))
    response = answer(400, say(Refused(CSRF_SENTENCE_IN_PLACE)))
    response.headers["HX-Trigger"] = "tangye:token-stale"
    return response


def _http_failed(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        # A redirect or a response that carries its own answer.
        return error.get_response()
    code = error.code or 500
    if code >= 500:
        return _broke(error)
    if asks_api():
        sentence = API_SENTENCES.get(code) or SENTENCES.get(code, SENTENCES[400])
        return problem(code, say(Refused(sentence)), headers=_of_status(error))
    sentence = SENTENCES.get(code, SENTENCES[400])
    values = {"upload_mb": current_house().settings.upload_mb} if code == 413 else {}
    return answer(code, say(Refused(sentence, **values)))


def _of_status(error: HTTPException) -> dict[str, str]:
    """The headers that a status asks for: Allow, Retry-After."""
    return {name: value for name, value in error.get_headers() if name != "Content-Type"}


def _broke(error: Exception) -> Response:
    ask_nobody()
    hindered = trouble_of(error)
    status = _STATUS_OF_TROUBLE[hindered] if hindered else 500
    current_house().log.error(
        "failed", request_id=g.get("request_id"), trouble=hindered, **where_it_broke(error)
    )
    return answer(status, say(Refused(SENTENCES[status])))
