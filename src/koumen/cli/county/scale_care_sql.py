"""The SQL that gives a school of the large county its care: flags that lapse, problems, cases, help, tasks, lists.

Every statement runs in that school's scope, after its children and visits. `%(…)s` of the names of `scale_care.WORDS`
are arrays of sealed texts; which one a row takes follows from a number, so that nothing is random here.
"""

CHILDREN = (
    """CREATE TEMP TABLE c_child ON COMMIT DROP AS
        SELECT s.id, s.school_class_id AS class_id, s.household_id AS home_id, t.staff_id AS lead, o.staff_id AS helper,
            row_number() OVER (ORDER BY s.id)::int AS n,
            row_number() OVER (PARTITION BY s.school_class_id ORDER BY s.id)::int AS place
        FROM registry_student s
        JOIN LATERAL (SELECT staff_id FROM registry_role r WHERE r.school_class_id = s.school_class_id
            AND r.org_id = %(org)s AND r.post = 'class_teacher' ORDER BY r.id LIMIT 1) t ON true
        JOIN LATERAL (SELECT staff_id FROM registry_role r WHERE r.school_class_id = s.school_class_id
            AND r.org_id = %(org)s AND r.post = 'subject_teacher' AND r.staff_id <> t.staff_id ORDER BY r.id LIMIT 1)
            o ON true
        WHERE s.org_id = %(org)s AND s.state = 'enrolled'""",
    "ALTER TABLE c_child ADD PRIMARY KEY (id); ANALYZE c_child",
)
FLAGS = (
    """INSERT INTO registry_flag (org_id, student_id, category, sensitivity, source, reason, confirmed_by, starts,
            valid_until)
        SELECT %(org)s, id, 'D12', 1, 'teacher', '两次测验变化较大', '班主任', %(year)s::date, %(today)s::date - 20
        FROM c_child WHERE n %% 12 = 7 ON CONFLICT DO NOTHING""",
    """INSERT INTO registry_flagturn (org_id, flag_id, kind, by, at, reason)
        SELECT %(org)s, f.id, 'set', '班主任', f.starts + interval '9 hours', f.reason
        FROM registry_flag f WHERE f.org_id = %(org)s AND f.category = 'D12'""",
    """INSERT INTO registry_flagreader (org_id, student_id, staff_id, ends, named_by, because)
        SELECT %(org)s, c.id, c.lead, %(until)s::date, '德育处', '班主任需要知道' FROM registry_flag f
        JOIN c_child c ON c.id = f.student_id WHERE f.org_id = %(org)s AND f.sensitivity = 3""",
)
# each twelfth child of a class, those with a sealed flag, and those who may be leaving school
CASES = (
    """CREATE TEMP TABLE c_case ON COMMIT DROP AS
        SELECT c.*, k.code, row_number() OVER (ORDER BY c.id)::int AS no FROM c_child c
        JOIN LATERAL (SELECT CASE WHEN c.n %% 160 = 3 THEN 'D31' WHEN c.place %% 12 = 4 OR max(f.sensitivity) = 3
            THEN coalesce(max(f.category) FILTER (WHERE f.category <> 'D12'), 'D22') END AS code
            FROM registry_flag f WHERE f.student_id = c.id AND f.org_id = %(org)s) k
        ON k.code IS NOT NULL""",
    """INSERT INTO care_case (org_id, student_id, year, number, kind, state, level, reasons, why, goals, source,
            opened_on, opened_by_id, lead_id, review_on, no_action, close_reason, closed_by_id, closed_at,
            times_reopened, changed_at)
        SELECT %(org)s, id, extract(year FROM %(today)s::date), no, 'care', s.state, 1 + (no %% 7 = 0)::int,
            jsonb_build_array(code), (%(why)s::bytea[])[1 + no %% 4], (%(goals)s::bytea[])[1 + no %% 4],
            CASE code WHEN 'D31' THEN 'dropout' ELSE 'import' END, %(today)s::date - (10 + no * 3 %% 60), lead, lead,
            %(today)s::date + no %% 30, '',
            CASE s.state WHEN 'closed' THEN (%(close_reason)s::bytea[])[1 + no %% 4] ELSE '' END,
            CASE s.state WHEN 'closed' THEN helper END, CASE s.state WHEN 'closed' THEN %(now)s::timestamptz END,
            0, %(now)s
        FROM c_case, LATERAL (SELECT (ARRAY['progress', 'closed', 'proposed', 'open', 'review', 'steady', 'open',
            'progress', 'progress', 'progress'])[1 + no %% 10] AS state) s""",
    """CREATE TEMP TABLE c_open ON COMMIT DROP AS SELECT c.*, k.id AS case_id, k.state FROM c_case c
        JOIN care_case k ON k.student_id = c.id AND k.org_id = %(org)s""",
    """INSERT INTO care_caseseat (org_id, case_id, staff_id, part, starts, ends, given_by)
        SELECT %(org)s, case_id, lead, 'lead', %(year)s::date, %(until)s::date, '德育处' FROM c_open
        UNION ALL SELECT %(org)s, case_id, helper, 'helper', %(year)s::date,
            CASE WHEN no %% 8 = 0 THEN %(today)s::date + 5 ELSE %(until)s::date END, '德育处' FROM c_open""",
    """INSERT INTO care_casenote (org_id, case_id, kind, text, by_id, at)
        SELECT %(org)s, case_id, k.kind, (%(note)s::bytea[])[1 + no %% 4], CASE k.kind WHEN 'open' THEN helper ELSE lead
            END, %(now)s::timestamptz - k.days * interval '1 day'
        FROM c_open, (VALUES ('open', 30), ('team', 21), ('team', 9), ('sealed', 5)) k(kind, days)""",
    """INSERT INTO care_casereview (org_id, case_id, "on", face, text, family_said, student_said, by_id)
        SELECT %(org)s, case_id, %(today)s::date - no %% 20, 1 + no %% 3, (%(review)s::bytea[])[1 + no %% 4],
            (%(family_said)s::bytea[])[1 + no %% 4], (%(student_said)s::bytea[])[1 + no %% 4], lead
        FROM c_open WHERE state IN ('review', 'steady', 'closed')""",
    """INSERT INTO care_caseagreement (org_id, case_id, state, items, made_by_id, made_at, correction)
        SELECT %(org)s, case_id, 'asked', '["每天一起读书二十分钟", "老师每周打一次电话"]', lead, %(now)s, ''
        FROM c_open WHERE no %% 3 = 0 AND state <> 'closed'""",
    """INSERT INTO care_referral (org_id, token, way, case_id, "to", to_name, sent_from, subject, passed_on,
            family_told, state, due, sent_by_id, sent_by_name, sent_at, answered_by, reason, report)
        SELECT %(org)s, md5('referral ' || case_id)::uuid, 'out', case_id, 'civil', '青山镇社会事务办', '德育处',
            '申请困难救助', (%(passed_on)s::bytea[])[1 + no %% 4], '班主任当面告诉家长', 'sent',
            %(today)s::date + no %% 20, lead, '班主任', %(now)s, '', '', '' FROM c_open WHERE no %% 10 = 4""",
    """INSERT INTO care_extract (org_id, case_id, title, text, categories, width, nicknames, stage, term, state, report,
            made_by_id, made_at, changed_at, reader_id, withdrawn_because)
        SELECT %(org)s, case_id, '一名学生的一个学期', (%(extract)s::bytea[])[1 + no %% 4], jsonb_build_array(code),
            'stage', '', '小学', '第一学期', 'draft', '{}', lead, %(now)s, %(now)s, helper, ''
        FROM c_open WHERE no %% 15 = 0""",
)
PROBLEMS = (
    """INSERT INTO care_finding (org_id, student_id, category, text, source, source_id, found_on, found_by_id, case_id,
            state, owner_id, due, result, closed_by_id, closed_at)
        SELECT %(org)s, f.student_id, f.category, f.text, f.source, f.source_id, f.found_on, f.by, o.case_id,
            CASE WHEN f.done THEN 'closed' ELSE 'open' END, f.owner, f.found_on + 28,
            CASE WHEN f.done THEN (%(result)s::bytea[])[1 + f.no %% 4] ELSE '' END, CASE WHEN f.done THEN f.by END,
            CASE WHEN f.done THEN %(now)s::timestamptz END
        FROM (SELECT r.id AS source_id, 'visit' AS source, vs.student_id, p.category, r.problem AS text,
                v.lead_id AS by, NULL::bigint AS owner, (v.starts_at AT TIME ZONE 'Asia/Shanghai')::date AS found_on,
                extract(day FROM v.starts_at)::int AS no, extract(day FROM v.starts_at)::int %% 2 = 0 AS done
            FROM visits_visitrecord r JOIN visits_visit v ON v.id = r.visit_id
            JOIN visits_visitstudent vs ON vs.visit_id = v.id
            CROSS JOIN LATERAL jsonb_array_elements_text(r.problem_categories) p(category) WHERE r.org_id = %(org)s
            UNION ALL SELECT md5('finding ' || id)::uuid, 'teacher', id,
                (ARRAY['D21', 'D12', 'F31', 'B15', 'D31'])[1 + n / 20 %% 5], '课间和同学说起，班主任在观察。', helper,
                CASE n %% 3 WHEN 0 THEN helper END, %(today)s::date - n %% 50, n, n / 20 %% 2 = 0
            FROM c_child WHERE n %% 20 = 11) f
        LEFT JOIN c_open o ON o.id = f.student_id AND o.state <> 'closed'""",
    """INSERT INTO care_measure (org_id, student_id, kind, text, owner_id, due, source, source_id, state, result,
            case_id, ended_at)
        SELECT %(org)s, f.student_id, 'study', '每周两次作业辅导', f.found_by_id, f.due, f.source, f.source_id,
            CASE f.state WHEN 'open' THEN 'open' ELSE 'done' END, CASE f.state WHEN 'open' THEN '' ELSE '作业能按时交'
            END, f.case_id, f.closed_at
        FROM care_finding f WHERE f.org_id = %(org)s AND f.source = 'visit'
        UNION ALL SELECT %(org)s, o.id, CASE WHEN o.code = 'D31' THEN 'return' ELSE k.kind END, k.text,
            CASE k.no WHEN 1 THEN o.lead ELSE o.helper END, %(today)s::date + (o.no * 5 + k.no * 3) %% 40 - 8, 'case',
            md5('measure ' || o.case_id || ' ' || k.no)::uuid, CASE WHEN m.done THEN 'done' ELSE 'open' END,
            CASE WHEN m.done THEN '已经落实' ELSE '' END, o.case_id, CASE WHEN m.done THEN %(now)s::timestamptz END
        FROM c_open o CROSS JOIN (VALUES (1, 'parenting', '每月和家长谈一次'), (2, 'study', '结对补作业'),
            (3, 'counsel', '每两周聊一次')) k(no, kind, text)
        CROSS JOIN LATERAL (SELECT o.state = 'closed' OR (o.no + k.no) %% 4 = 0 AS done) m
        WHERE o.state <> 'proposed' AND (k.no = 1 OR o.code <> 'D31')""",
    """INSERT INTO care_progress (org_id, measure_id, text, by_id, at)
        SELECT %(org)s, m.id, '和孩子谈了一次，愿意按计划做。', m.owner_id, %(now)s::timestamptz - k * interval '6 days'
        FROM care_measure m CROSS JOIN generate_series(1, 3) k WHERE m.org_id = %(org)s""",
    """INSERT INTO care_task (org_id, title, owner_id, given_by_id, due, about, about_id, once_key, state,
            needs_verifying, sentence, done_at, given_at)
        SELECT %(org)s, '落实一项帮扶措施', owner_id, NULL::bigint, due, 'measure', id::text,
            'measure:' || id || ':' || owner_id || ':' || due, state, false, result, ended_at, %(now)s
        FROM care_measure WHERE org_id = %(org)s
        UNION ALL SELECT %(org)s, '交一份学期小结', s.id, g.staff_id, %(today)s::date + (s.id %% 30)::int - 3, '', '',
            '', CASE s.id %% 3 WHEN 0 THEN 'done' ELSE 'open' END, true, CASE s.id %% 3 WHEN 0 THEN '已交' ELSE '' END,
            CASE s.id %% 3 WHEN 0 THEN %(now)s::timestamptz END, %(now)s
        FROM registry_staff s JOIN LATERAL (SELECT staff_id FROM registry_role WHERE org_id = %(org)s
            AND post = 'moral_office' ORDER BY id LIMIT 1) g ON g.staff_id <> s.id WHERE s.org_id = %(org)s""",
)
# one visit of three brought an opinion; families wrote a few more themselves
OPINIONS = (
    """CREATE TEMP TABLE c_said ON COMMIT DROP AS
        SELECT *, row_number() OVER (PARTITION BY year ORDER BY at, source_id)::int AS number FROM (
            SELECT *, extract(year FROM at AT TIME ZONE 'Asia/Shanghai')::int AS year,
                row_number() OVER (ORDER BY at, source_id)::int AS n,
                (at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM (
                SELECT r.id AS source_id, r.opinion AS text, 'visit' AS source, 'visit' AS channel, v.household_id
                    AS home, r.recorded_by_id AS taken, r.recorded_at AS at
                FROM visits_visitrecord r JOIN visits_visit v ON v.id = r.visit_id
                WHERE r.org_id = %(org)s AND r.opinion <> '' AND v.household_id / 3 %% 3 <> 0
                UNION ALL SELECT md5('said ' || id)::uuid, '希望放学时校门口多一位老师。', 'family', 'box', home_id,
                    NULL, %(now)s::timestamptz - (n %% 60) * interval '1 day' FROM c_child WHERE n %% 90 = 17) o) p""",
    """INSERT INTO care_opinion (org_id, year, number, text, topic, channel, identity, source, source_id, household_id,
            sender_name, sender_phone, taken_by_id, level, concerns, about_words, handler_id, received_at, due_on,
            extended_because, state, refused_because, gist, answer, answered_by_id, answered_at, face, judged_at,
            times_reopened, publishing, public_text, public_answer, closed_at)
        SELECT %(org)s, year, number, text, (ARRAY['management', 'teaching', 'meals', 'safety', 'parenting',
            'other'])[1 + n %% 6], channel, 'named', source, source_id, home, '', '', taken, 'school', '[]', '',
            CASE WHEN x.state = 'received' THEN NULL ELSE coalesce(CASE n %% 2 WHEN 0 THEN taken END, x.office) END, at,
            day + 14, '', x.state, '', '希望改进学校工作', CASE WHEN x.answered THEN '已经安排，谢谢您的建议。' ELSE ''
            END, CASE WHEN x.answered THEN x.office END, CASE WHEN x.answered THEN at + interval '6 days' END,
            CASE x.state WHEN 'settled' THEN 2 + n %% 2 WHEN 'unsettled' THEN 1 END,
            CASE WHEN x.state IN ('settled', 'unsettled') THEN at + interval '8 days' END, 0, 'no', '', '',
            CASE WHEN x.state IN ('settled', 'unsettled') THEN at + interval '8 days' END
        FROM c_said CROSS JOIN LATERAL (SELECT s.state, s.state IN ('answered', 'settled', 'unsettled') AS answered,
            (SELECT staff_id FROM registry_role WHERE org_id = %(org)s AND post = 'moral_office' ORDER BY id LIMIT 1)
                AS office
            FROM (SELECT CASE WHEN day > %(today)s::date - 10
                THEN (ARRAY['received', 'received', 'accepted', 'forwarded', 'accepted'])[1 + n %% 5]
                ELSE (ARRAY['settled', 'settled', 'settled', 'settled', 'answered', 'unsettled', 'settled', 'settled',
                    'accepted', 'settled'])[1 + n %% 10] END AS state) s) x""",
    """INSERT INTO care_opinionstep (org_id, opinion_id, kind, text, by, at, for_family)
        SELECT %(org)s, o.id, k.kind, '', CASE k.kind WHEN 'judged' THEN '' ELSE '德育处' END,
            o.received_at + k.days * interval '1 day', k.kind <> 'forwarded'
        FROM care_opinion o JOIN (VALUES ('received', 0), ('accepted', 1), ('forwarded', 2), ('answered', 6),
            ('judged', 8)) k(kind, days) ON k.kind = 'received' OR (k.kind = 'accepted' AND o.state <> 'received')
            OR (k.kind = 'forwarded' AND o.state = 'forwarded') OR (k.kind = 'answered' AND o.answered_at IS NOT NULL)
            OR (k.kind = 'judged' AND o.face IS NOT NULL)
        WHERE o.org_id = %(org)s""",
    """INSERT INTO care_numbercount (org_id, series, year, last)
        SELECT %(org)s, 'opinion', year, max(number) FROM care_opinion WHERE org_id = %(org)s GROUP BY year
        UNION ALL SELECT %(org)s, 'case', year, max(number) FROM care_case WHERE org_id = %(org)s GROUP BY year""",
)
DROPOUT = (
    """INSERT INTO care_dropoutentry (org_id, student_id, case_id, state, source, found_on, last_seen_on, reason,
            reason_words, taken, signed_by, dropped_on, verified_how, verified_on, verified_by_id, closed_on,
            closed_by_id, listed_by_id)
        SELECT %(org)s, id, case_id, x.state, 'teacher', %(today)s::date - 40 - n %% 9, %(today)s::date - 43 - n %% 9,
            'study', (%(reason_words)s::bytea[])[1 + no %% 4], '班主任已上门', '',
            CASE WHEN x.state IN ('dropped', 'persuading', 'returned') THEN %(today)s::date - 30 END,
            CASE x.state WHEN 'suspected' THEN '' ELSE 'home' END,
            CASE WHEN x.state <> 'suspected' THEN %(today)s::date - 30 END,
            CASE WHEN x.state <> 'suspected' THEN lead END,
            CASE WHEN x.closed THEN %(today)s::date - 4 END, CASE WHEN x.closed THEN helper END, lead
        FROM c_open CROSS JOIN LATERAL (SELECT (ARRAY['suspected', 'persuading', 'dropped', 'returned', 'cleared',
            'returned'])[1 + n / 160 %% 6] AS state, n / 160 %% 6 > 3 AS closed) x WHERE code = 'D31'""",
    """INSERT INTO care_returnattempt (org_id, entry_id, number, at, mode, people, result, text, by_id, token)
        SELECT %(org)s, e.id, k, %(today)s::date - 30 + 9 * k + time '18:30', '01', '班主任、村干部',
            CASE WHEN k = 2 AND e.state = 'returned' THEN 'returned' ELSE 'open' END,
            (%(attempt)s::bytea[])[1 + k], e.listed_by_id, md5('attempt ' || e.id || ' ' || k)::uuid
        FROM care_dropoutentry e CROSS JOIN generate_series(1, 2) k
        WHERE e.org_id = %(org)s AND e.state IN ('persuading', 'returned')""",
    """INSERT INTO care_dropoutstep (org_id, entry_id, "on", event, state, by_id)
        SELECT %(org)s, e.id, x.on, x.event, x.state, e.listed_by_id FROM care_dropoutentry e
        CROSS JOIN LATERAL (VALUES (1, e.found_on, 'listed', 'suspected'),
            (2, e.verified_on, 'verified', CASE e.state WHEN 'cleared' THEN 'cleared' ELSE 'dropped' END),
            (3, (SELECT max(a.at) FROM care_returnattempt a WHERE a.entry_id = e.id)::date, 'attempt', e.state),
            (4, e.closed_on, 'closed', e.state)) x(no, "on", event, state)
        WHERE e.org_id = %(org)s AND x.on IS NOT NULL ORDER BY e.id, x.no""",
    """INSERT INTO care_returncheck (org_id, term_id, school_class_id, done_by_id, done_at)
        SELECT DISTINCT %(org)s::bigint, t.id, c.class_id, c.lead, t.starts + interval '9 hours'
        FROM registry_term t CROSS JOIN c_child c
        WHERE t.org_id = %(org)s AND %(today)s::date BETWEEN t.starts AND t.ends""",
    """INSERT INTO care_returncheckchild (org_id, check_of_id, student_id, state, note)
        SELECT %(org)s, k.id, o.id, 'not_back', '' FROM c_open o
        JOIN care_returncheck k ON k.school_class_id = o.class_id AND k.org_id = %(org)s WHERE o.code = 'D31'""",
    "DROP TABLE c_child, c_case, c_open, c_said",
)
EVERYTHING = (*CHILDREN, *FLAGS, *CASES, *PROBLEMS, *OPINIONS, *DROPOUT)
