"""The log's verbs in the words of the people who read it."""

from django.utils.translation import gettext_lazy as _

NOUNS = {
    "account": _("账号"), "campaign": _("家访活动"), "household": _("家庭"), "import": _("导入"), "log": _("日志"),
    "month": _("月报"), "outing": _("外出"), "plan": _("排程"), "roster": _("名单"), "staff": _("教职工"),
    "student": _("学生"), "visit": _("家访"), "record": _("家访记录"), "flag": _("标记"), "siblings": _("兄弟姐妹"),
    "year": _("学年"), "place": _("村组/社区"), "report": _("报表"), "roads": _("路程"),
    "case": _("一生一案"), "measure": _("帮扶措施"), "case_agreement": _("共育约定"),
    "opinion": _("意见建议"), "task": _("任务"), "trip": _("行程"), "safety": _("出行安全"),
}  # fmt: skip
DEEDS = {
    "account.open": _("开通账号"), "account.reset": _("重置密码"), "account.close": _("办理离任"),
    "account.drop_second_factor": _("清除两步验证"), "staff.appoint": _("任命职务"), "staff.end_role": _("结束任职"),
    "student.file": _("查看学生资料"), "student.open_file": _("因故查阅资料"), "student.id_no": _("查看证件号"),
    "student.student_no": _("查看学籍号"), "student.phone": _("查看家长电话"), "student.sealed": _("查看受限标记"),
    "plan.print": _("导出全校家访日程"), "plan.print_one": _("导出一位老师的日程"),
    "plan.calendar_one": _("导出一位老师的日历"), "log.check": _("核对日志"),
    "roads.choose": _("开启或停用地图服务"), "roads.try": _("试查地图服务"),
    "trip.file": _("报备行程"), "trip.report": _("报平安"), "trip.change": _("改返回时间"),
    "trip.cancel": _("取消外出"),
    "trip.alarm": _("行程逾期提醒"), "trip.see_to": _("接手逾期提醒"), "safety.contact": _("填写应急联系人"),
    "safety.call_off": _("因天气或安全取消外出"), "visit.prepare": _("备课"), "visit.ask_remark": _("请任课老师说一句"),
    "visit.answer_remark": _("给家访老师写一句"), "visit.read_preparation": _("查看备课"),
    "visit.print_outline": _("下载家访提纲"), "visit.print_card": _("下载家长联系卡"),
    "visit.print_checklist": _("下载准备清单"),
    "visit.start_beside": _("给兄弟姐妹另写一份家访"), "visit.record_apart": _("兄弟姐妹分开写家访记录"),
    "visit.recall": _("收回交流反馈"), "group.record": _("记录集中家访"),
    "group.read_families": _("查看集中家访的家庭"),
    "task.give": _("交办任务"), "task.finish": _("完成任务"), "task.verify": _("确认任务"), "task.drop": _("取消任务"),
    "task.remind": _("提醒任务"),
    "case.open": _("建档"), "case.confirm": _("确认建档"), "case.read": _("查看一生一案"),
    "case.print": _("下载一生一案"), "case.sealed": _("查看密封记录"), "case.change": _("修改一生一案"),
    "case.no_action": _("决定暂不采取措施"),
    "case.note": _("写一生一案记录"), "case.review": _("评估一生一案"), "case.ask_close": _("申请撤档"),
    "case.close": _("确认撤档"), "case.refuse_close": _("不撤档"), "case.reopen": _("重新建档"),
    "case.seat": _("请老师参加团队"), "case.unseat": _("请老师离开团队"), "case.renew": _("团队续期"),
    "case.look_due": _("到期评估"), "case_agreement.make": _("写共育约定"), "case_agreement.send": _("发共育约定链接"),
    "case_agreement.open": _("家长打开共育约定"), "case_agreement.confirm": _("家长确认共育约定"),
    "case_agreement.correct": _("家长更正共育约定"), "measure.add": _("加一项措施"), "measure.set": _("定一项措施"),
    "measure.agree": _("商定措施"), "measure.progress": _("记措施进展"), "measure.finish": _("办结措施"),
    "measure.drop": _("取消措施"), "measure.hand_over": _("换措施责任人"),
    "dropout.list": _("列入疑似名单"), "dropout.read": _("查看控辍保学名单"), "dropout.describe": _("改基本情况"),
    "dropout.attempt": _("记劝返"), "dropout.verify": _("核实"), "dropout.close": _("销号"),
    "dropout.print": _("下载劝返记录"), "dropout.submit": _("报送控辍保学月报"),
    "dropout.check_report": _("核查控辍保学月报"), "dropout.export_month": _("下载控辍保学月报"),
    "dropout.export_quarter": _("下载季度核查表"), "returns.check": _("返校核查"), "returns.open": _("打开返校核查"),
    "demand.sign": _("登记教学点需求"), "demand.export": _("下载教学点需求"),
    "demand.export_list": _("下载教学点登记表"),
    "finding.read": _("查看台账问题"), "finding.give": _("交办台账问题"), "finding.close": _("办结台账问题"),
    "finding.reopen": _("重新办理台账问题"), "finding.raise": _("记下发现的问题"), "ledger.read": _("查看问题台账"),
    "ledger.export": _("导出问题台账"), "names.ask": _("申请名册导出"), "names.decide": _("批准名册导出"),
    "names.download": _("下载名册"), "referral.send": _("转介"), "referral.read": _("查看转介"),
    "referral.answer": _("受理或退回转介"), "referral.report": _("反馈转介结果"), "referral.withdraw": _("撤回转介"),
    "referral.record_answer": _("记下对方的回复"), "referral.print": _("下载转介函"),
    "harm.report": _("强制报告"), "harm.read": _("查看强制报告"), "harm.read_own": _("查看自己的报告"),
    "harm.step": _("记下强制报告的一步"), "harm.name": _("增加知情人"), "harm.unname": _("移出知情人"),
    "transfer.ask": _("请求个案转接"), "transfer.read": _("查看个案转接"), "transfer.accept": _("接收转来的个案"),
    "transfer.refuse": _("不接收转来的个案"), "transfer.withdraw": _("撤回个案转接"),
    "transfer.hand_over": _("个案已随学生转出"),
    "roads.measure": _("记录实测路程"), "roads.forget": _("删除实测路程"),
    "opinion.send": _("家长提意见"), "opinion.receive": _("家访时收到意见"), "opinion.read": _("查看一条意见"),
    "opinion.follow": _("家长凭查询码查看"), "opinion.listen": _("听家长录音"), "opinion.accept": _("受理意见"),
    "opinion.forward": _("转办意见"), "opinion.merge": _("合并意见"), "opinion.refuse": _("不予受理"),
    "opinion.extend": _("延期答复"), "opinion.answer": _("答复意见"), "opinion.write_down": _("把录音写成文字"),
    "opinion.concern": _("记下意见涉及的人"), "opinion.lift": _("意见交上一级"), "opinion.judge": _("家长评价答复"),
    "opinion.withdraw": _("家长撤回意见"), "opinion.consent": _("家长决定是否公开"),
    "opinion.publish": _("公开办理结果"), "opinion.unpublish": _("撤下公开内容"),
    "opinion.set_limit": _("修改办理期限"),
    "opinion.export": _("导出意见统计表"), "opinion.invite": _("生成家长意见链接"),
    "opinion.letters": _("生成给家长的答复链接"),
}  # fmt: skip


def in_words(verb: str) -> str:
    """What was done; a verb without words of its own is shown with its noun."""
    if verb in DEEDS:
        return str(DEEDS[verb])
    noun, _dot, deed = verb.partition(".")
    return f"{NOUNS.get(noun, noun)} · {deed}"
