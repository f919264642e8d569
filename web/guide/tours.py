"""Tours: where a newcomer is led on a page, and what is said at each stop."""

from dataclasses import dataclass
from typing import Literal

from tcm.records.errors import N_

TourName = Literal["doctor", "visit", "pharmacist", "case", "manager", "floor", "courier", "admin"]


@dataclass(frozen=True)
class Stop:
    """One stop of a tour.

    Args:
        selector: CSS selector of what is pointed at; a stop whose thing is not on the page is passed over.
        title: A msgid.
        text: A msgid.
    """

    selector: str
    title: str
    text: str


@dataclass(frozen=True)
class Tour:
    """A tour over one page.

    Args:
        name: What is kept of who has taken it.
        endpoint: The view whose page it leads over.
        stops: In order.
    """

    name: TourName
    endpoint: str
    stops: tuple[Stop, ...]


_MENU = Stop(
    ".me",
    N_("您自己"),
    N_("右上角可以换大字、换语言、改密码。忘了怎么用，随时点“帮助”。"),
)

TOURS = (
    Tour(
        "doctor",
        "doctor.index",
        (
            Stop(
                "form.search",
                N_("先找患者"),
                N_("输入完整的姓名、电话或身份证号。找到后点“接诊”，就打开这次就诊。"),
            ),
            Stop(
                "a[href$='/patients/new']",
                N_("第一次来的患者"),
                N_("登记姓名、生日、电话和取药的村，登记完直接进入就诊。"),
            ),
            Stop(
                "section:has(> #visits)",
                N_("今天看过的人"),
                N_("每张处方走到哪一步，这里都看得到。药师退回的会排在最上面。"),
            ),
            _MENU,
        ),
    ),
    Tour(
        "visit",
        "doctor.visit",
        (
            Stop(
                "#notes-head",
                N_("四诊"),
                N_("主诉点常用语就能写，问诊和脉象点一下就选上。写了什么自动保存，不用按保存。"),
            ),
            Stop(
                "#tongue",
                N_("舌象"),
                N_("手机直接拍，电脑可以选照片。软件读出的舌象您看着不对，点一下就改，以您的为准。"),
            ),
            Stop(
                "#suggest-head",
                N_("辨证参考"),
                N_("每个证型都写明支持和不支持的依据。这只是参考，采用哪个方、哪味药，由您逐条决定。"),
            ),
            Stop(
                "#rx-lines",
                N_("开方"),
                N_("打药名的拼音首字母，回车选中，再打克数回车，就到下一味。上下键可以调克数。"),
            ),
            Stop(
                "#findings",
                N_("审核提示"),
                N_("边写边查十八反、剂量、妊娠。超量要再次签名的，在那味药后面打勾。"),
            ),
            Stop(
                "#rx-form .sign-bar",
                N_("签名"),
                N_("确认无误后签名，处方就到县中心药师那里。没有您的签名，什么都不会发出去。"),
            ),
        ),
    ),
    Tour(
        "pharmacist",
        "pharmacist.index",
        (
            Stop(
                "form[data-next]",
                N_("领取下一张"),
                N_("系统按加急、儿童、毒性药和等待时间排好，按 N 领最该先审的一张。领了别人就不能同时审。"),
            ),
            Stop(
                "#queue",
                N_("等着审的处方"),
                N_("每一张等了多久、目标多久，都写着。有新处方会自己出现，不用刷新。"),
            ),
            Stop(".own", N_("自己的数字"), N_("近 30 天审了多少、退了多少、用了多长时间。")),
            _MENU,
        ),
    ),
    Tour(
        "case",
        "pharmacist.case",
        (
            Stop(
                ".case-rx",
                N_("处方"),
                N_("药味、剂量和脚注照纸上的写法。要医师再签名，点那味药后面的“再签”。"),
            ),
            Stop(
                ".case-patient",
                N_("患者与就诊"),
                N_("诊断、舌象、病史、西药和化验都在这里，不用打电话去问。"),
            ),
            Stop(
                "section:has(#findings-head)",
                N_("审核提示"),
                N_("每条提示都有条款。认可还是不认可，由您逐条表态；规则没说的，仍由您判断。"),
            ),
            Stop(
                ".decide",
                N_("决定"),
                N_("A 通过并签名，R 退回并写明原因，C 记下通话，H 转给上级药师。通过就是您的签名。"),
            ),
        ),
    ),
    Tour(
        "manager",
        "manager.index",
        (
            Stop(".counts", N_("中心现在"), N_("各步骤有多少张处方，一眼看清。")),
            Stop(
                ".plan-form",
                N_("排一天的计划"),
                N_("锅、人、车一起排。算好以后先经过独立校验，再给您看。"),
            ),
            Stop(
                "nav.tabs",
                N_("另外几页"),
                N_(
                    "“如果改变”试算加锅加车，“稳不稳”看准时的把握，“患者评价”看几颗星。计划有了以后，锅坏、路断、加单在本页登记，点两下就重排。"
                ),
            ),
            _MENU,
        ),
    ),
    Tour(
        "floor",
        "floor.index",
        (
            Stop("form.scan", N_("扫码"), N_("扫处方编号或袋码，就打开那张处方的卡片。")),
            Stop(
                "#board",
                N_("看板"),
                N_("调剂、浸泡、煎煮、包装，每一列是一步。到时间了点按钮，系统记下谁、什么时候做的。"),
            ),
            Stop(
                "a[href$='/floor/at']",
                N_("锅前操作"),
                N_("手机在锅前扫锅牌或锅签，屏幕上只有一个大按钮：这口锅的下一步。按错了一分钟内可以撤销。"),
            ),
            Stop(
                "a[href$='/floor/wall']",
                N_("墙上看板"),
                N_("每口锅一张卡，放在电视上看。红的马上去；后下的铃声要先打开。"),
            ),
            _MENU,
        ),
    ),
    Tour(
        "courier",
        "courier.index",
        (
            Stop(
                "form.scan",
                N_("扫袋码"),
                N_("扫一下药袋，就知道是哪一站、哪位患者的。拿错了会告诉您。"),
            ),
            Stop(
                ".trip",
                N_("一趟路"),
                N_("出发前点“装车”，填箱温。到了村里点那一站，交一份点一次“已送达”。没有信号也照常点。"),
            ),
            _MENU,
        ),
    ),
    Tour(
        "admin",
        "admin.index",
        (
            Stop("nav.tabs", N_("四件事"), N_("人员、机构、谁看过什么、账本是否完整，都在这里。")),
            Stop(
                "form[action$='/staff']",
                N_("添加人员"),
                N_("一人一个登录名。药师要填调剂年限和审方培训，不够格的不能审方。"),
            ),
            _MENU,
        ),
    ),
)

_BY_ENDPOINT = {tour.endpoint: tour for tour in TOURS}


def tour_of(endpoint: str | None) -> Tour | None:
    """The tour over a view's page.

    Args:
        endpoint: Of the view, None where the address is nobody's.

    Returns:
        The tour, or None.
    """
    return _BY_ENDPOINT.get(endpoint or "")
