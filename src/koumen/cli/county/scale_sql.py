"""The SQL that spreads a school's temporary tables over the real ones. Every statement runs in that school's scope."""

TABLES = (
    "DROP TABLE IF EXISTS pg_temp.s_staff, pg_temp.s_home, pg_temp.s_child, pg_temp.s_adult",
    """CREATE TEMP TABLE s_staff (n int, name text, gender text, number text, phone bytea, phone_hash bytea,
        led bigint, post text, taught bigint[]) ON COMMIT DROP""",
    """CREATE TEMP TABLE s_home (n int, address bytea, address_hash bytea, lng float8, lat float8, is_remote bool)
        ON COMMIT DROP""",
    """CREATE TEMP TABLE s_child (n int, home int, class_id bigint, class_no text, name text, gender text, born date,
        id_no bytea, id_hash bytea, student_no bytea, student_no_hash bytea, is_new bool) ON COMMIT DROP""",
    """CREATE TEMP TABLE s_adult (home int, name text, relation text, phone bytea, phone_hash bytea)
        ON COMMIT DROP""",
)

FROM_FILES = (
    *(
        f"ALTER TABLE {table} ADD id bigint; UPDATE {table} SET id = nextval(pg_get_serial_sequence('{real}', 'id'))"  # noqa: S608
        for table, real in (
            ("s_staff", "registry_staff"),
            ("s_home", "registry_household"),
            ("s_child", "registry_student"),
            ("s_adult", "registry_guardian"),
        )
    ),
    "ANALYZE s_staff; ANALYZE s_home; ANALYZE s_child; ANALYZE s_adult",
    """INSERT INTO registry_staff (id, org_id, name, gender, number, phone, phone_hash, languages, is_party_member,
            is_active)
        SELECT id, %(org)s, name, gender, number, phone, phone_hash, '[]', n %% 3 = 0, true FROM s_staff ORDER BY n""",
    """INSERT INTO registry_role (org_id, staff_id, post, school_class_id, subject, starts)
        SELECT %(org)s, id, 'class_teacher', led, '', %(year)s::date FROM s_staff WHERE led IS NOT NULL
        UNION ALL SELECT %(org)s, id, post, NULL, '', %(year)s::date FROM s_staff WHERE post <> ''
        UNION ALL SELECT %(org)s, id, 'subject_teacher', c, '语文', %(year)s::date
        FROM s_staff CROSS JOIN unnest(taught) c""",
    """INSERT INTO registry_household (id, org_id, address, address_hash, lng, lat, point_source, is_remote, is_risky,
            pattern, prefers_remote, asks_gender, asks_language)
        SELECT id, %(org)s, address, address_hash, lng, lat, 'file', is_remote, false, 'any', n %% 20 = 0, '', ''
        FROM s_home ORDER BY n""",
    """INSERT INTO registry_student (id, org_id, name, gender, birth_date, ethnicity, id_type, id_no, id_hash,
            student_no, student_no_hash, class_no, boarding, commute, entered_on, is_new, state, school_class_id,
            household_id, home_hash)
        SELECT c.id, %(org)s, c.name, c.gender, c.born, '01', '1', c.id_no, c.id_hash, c.student_no,
            c.student_no_hash, c.class_no, '1', '1', %(year)s::date, c.is_new, 'enrolled', c.class_id, h.id,
            h.address_hash
        FROM s_child c JOIN s_home h ON h.n = c.home ORDER BY c.n""",
    """INSERT INTO registry_guardian (id, org_id, name, phone, phone_hash, id_hash, reading)
        SELECT id, %(org)s, name, phone, phone_hash, '', 'normal' FROM s_adult""",
)
AFTER_PEOPLE = (
    """INSERT INTO registry_enrolment (org_id, student_id, school_class_id, starts, state)
        SELECT %(org)s, id, class_id, %(year)s::date, 'enrolled' FROM s_child""",
    """INSERT INTO registry_guardianship (org_id, student_id, guardian_id, relation, "order", is_guardian, sees_data,
            gets_notices, may_sign, from_file, starts)
        SELECT %(org)s, c.id, a.id, a.relation, CASE a.relation WHEN '51' THEN 1 ELSE 2 END, true, true, true, true,
            true, %(year)s::date
        FROM s_child c JOIN s_adult a ON a.home = c.home""",
    """INSERT INTO registry_flag (org_id, student_id, category, sensitivity, source, reason, confirmed_by, starts,
            valid_until)
        SELECT %(org)s, c.id, f.code, f.sensitivity, 'import', '学籍信息', '', %(year)s::date, %(until)s::date
        FROM s_child c JOIN (VALUES ('A11', 2, 14, 3), ('A12', 2, 14, 5), ('B19', 2, 12, 1), ('E11', 1, 10, 2),
            ('D11', 1, 16, 7), ('A21', 2, 15, 4), ('C11', 3, 700, 9)) f(code, sensitivity, each, at)
            ON c.n %% f.each = f.at""",
)
# two homes of three were visited in the last 60 days; ids follow from the home's, so that nothing is random here
VISITS = (
    """CREATE TEMP TABLE s_visit ON COMMIT DROP AS
        SELECT md5('visit ' || h.id)::uuid AS id, h.id AS home_id, c.class_id, t.id AS lead_id, o.id AS other_id,
            (%(today)s::date - (1 + h.n * 7 %% 60) + time '18:30' + (h.n %% 90) * interval '1 minute')
                AT TIME ZONE 'Asia/Shanghai' AS starts_at,
            (ARRAY['01', '01', '01', '01', '01', '01', '03', '03', '02', '04'])[1 + h.n %% 10] AS mode, h.n
        FROM s_home h
        JOIN LATERAL (SELECT class_id FROM s_child WHERE s_child.home = h.n ORDER BY s_child.n LIMIT 1) c ON true
        JOIN s_staff t ON t.led = c.class_id
        JOIN LATERAL (SELECT id FROM s_staff o WHERE o.led IS NULL AND c.class_id = ANY(o.taught) ORDER BY o.n LIMIT 1)
            o ON true
        WHERE h.n %% 3 < 2""",
    """INSERT INTO visits_visit (id, org_id, household_id, school_class_id, lead_id, kind, state, mode, starts_at,
            ends_at, not_visited, created_at)
        SELECT id, %(org)s, home_id, class_id, lead_id, 'general', 'recorded', mode, starts_at,
            starts_at + interval '35 minutes', '', starts_at FROM s_visit""",
    """INSERT INTO visits_visitstudent (org_id, visit_id, student_id)
        SELECT %(org)s, v.id, c.id FROM s_visit v JOIN s_child c ON c.home = v.n""",
    """INSERT INTO visits_visitstaff (org_id, visit_id, staff_id)
        SELECT %(org)s, id, other_id FROM s_visit WHERE mode = '01'""",
    """INSERT INTO visits_visitrecord (id, org_id, visit_id, met_relation, also_met, purposes, topics, content,
            family_words, opinion, problem_categories, problem, measures, materials, next_step, reflection,
            fallback_reason, satisfaction, answers, content_hash, recorded_by_id, recorded_at, version)
        SELECT md5('record ' || home_id)::uuid, %(org)s, id, CASE n %% 2 WHEN 0 THEN '51' ELSE '52' END, '[]',
            '["know"]', '["study", "home"]', '课堂上能跟上进度，作业完成得比较认真。', '老师能来家里，我们很高兴。',
            CASE n %% 3 WHEN 0 THEN '希望多组织体育活动。' ELSE '' END,
            CASE n %% 9 WHEN 0 THEN '["D11"]'::jsonb ELSE '[]' END, CASE n %% 9 WHEN 0 THEN '基础薄弱。' ELSE '' END,
            CASE n %% 9 WHEN 0 THEN '["study"]'::jsonb ELSE '[]' END, '[]', '', '',
            CASE mode WHEN '01' THEN '' ELSE 'wish' END, 3 + n %% 3, '{}', md5(n::text) || md5(id::text),
            lead_id, starts_at + interval '2 hours', 1 FROM s_visit""",
    "DROP TABLE s_visit",
)
