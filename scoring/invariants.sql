-- What must always be true. Each query names a promise and returns the rows that break it; no row is the good answer.
-- Run by `flask check` on a live database, and by the tests after every test that writes.

-- I2 Nobody is handed, or reads, the same response twice
SELECT scorer_id, response_id, count(*) AS times FROM assignment GROUP BY scorer_id, response_id HAVING count(*) > 1
UNION ALL
SELECT scorer_id, response_id, count(*) FROM read WHERE reopened_at IS NULL GROUP BY scorer_id, response_id HAVING count(*) > 1;

-- I2 Nobody is handed work whose scores they met before, as in a committee
SELECT assignment.id AS assignment_id, assignment.scorer_id FROM assignment
JOIN seen_work ON seen_work.person_id = assignment.scorer_id AND seen_work.response_id = assignment.response_id
WHERE assignment.purpose = 'operational' AND assignment.status <> 'lapsed' AND seen_work.seen_at < assignment.leased_at;

-- I3 An assignment has at most one read that counts
SELECT assignment_id, count(*) AS reads FROM read WHERE reopened_at IS NULL GROUP BY assignment_id HAVING count(*) > 1;

-- I3 A read and its assignment tell of the same scorer, response and event
SELECT read.id AS read_id, assignment.id AS assignment_id FROM read JOIN assignment ON assignment.id = read.assignment_id
WHERE read.scorer_id <> assignment.scorer_id OR read.response_id <> assignment.response_id
   OR read.event_id <> assignment.event_id OR read.event_response_id <> assignment.event_response_id
   OR read.purpose <> assignment.purpose;

-- I3 A submitted assignment has its read, and only a submitted one
SELECT assignment.id AS assignment_id, assignment.status FROM assignment
LEFT JOIN read ON read.assignment_id = assignment.id AND read.reopened_at IS NULL
WHERE (assignment.status = 'submitted') <> (read.id IS NOT NULL);

-- I4 Nobody reads the work of their own students
SELECT read.id AS read_id, read.scorer_id, response.student_id FROM read
JOIN assignment ON assignment.id = read.assignment_id
JOIN response ON response.id = read.response_id
JOIN event ON event.id = read.event_id
JOIN roster_entry ON roster_entry.person_id = read.scorer_id AND roster_entry.student_id = response.student_id
WHERE event.exclude_own_students AND read.reopened_at IS NULL AND roster_entry.created_at < assignment.leased_at;

-- I5 The count of reads is the number of blind reads that count
SELECT event_response.id AS event_response_id, event_response.reads, count(read.id) AS found FROM event_response
LEFT JOIN read ON read.event_response_id = event_response.id AND read.purpose = 'operational' AND read.reopened_at IS NULL
GROUP BY event_response.id, event_response.reads HAVING event_response.reads <> count(read.id);

-- I5 Reads still to hand out are those required, less reads in, less leases out
SELECT event_response.id AS event_response_id, required, reads, remaining, count(assignment.id) AS leases FROM event_response
LEFT JOIN assignment ON assignment.event_response_id = event_response.id AND assignment.purpose = 'operational'
  AND assignment.status = 'open'
GROUP BY event_response.id, required, reads, remaining
HAVING remaining <> required - reads - count(assignment.id);

-- I5 Partly read responses go first
SELECT id AS event_response_id, priority, reads FROM event_response WHERE remaining > 0 AND reads > 0 AND priority <> 0;

-- I5 An adjudication comes after both blind reads
SELECT decisive.id AS read_id, count(blind.id) AS blind_reads FROM read AS decisive
LEFT JOIN read AS blind ON blind.event_response_id = decisive.event_response_id AND blind.purpose = 'operational'
  AND blind.reopened_at IS NULL AND blind.submitted_at <= decisive.submitted_at
WHERE decisive.purpose = 'adjudication' AND decisive.reopened_at IS NULL
GROUP BY decisive.id HAVING count(blind.id) < 2;

-- I5 At most one score of record counts for a trait
SELECT event_response_id, trait_id, count(*) AS records FROM score_of_record WHERE superseded_at IS NULL
GROUP BY event_response_id, trait_id HAVING count(*) > 1;

-- I5 A settled response has a score of record for every trait of its rubric, any other has none
SELECT event_response.id AS event_response_id, event_response.outcome, count(DISTINCT trait.id) AS traits,
  count(DISTINCT score_of_record.id) AS records
FROM event_response JOIN trait ON trait.rubric_id = event_response.rubric_id
LEFT JOIN score_of_record ON score_of_record.event_response_id = event_response.id AND score_of_record.superseded_at IS NULL
GROUP BY event_response.id, event_response.outcome
HAVING count(DISTINCT score_of_record.id) <> CASE WHEN event_response.outcome = 'settled' THEN count(DISTINCT trait.id) ELSE 0 END;

-- I5 A response is settled or discrepant only when every required read is in
SELECT id AS event_response_id, outcome, required, reads FROM event_response WHERE outcome <> 'waiting' AND reads < required;

-- I1 Every score is one of the score points of its trait
SELECT trait_score.read_id, trait_score.trait_id, trait_score.score FROM trait_score
LEFT JOIN score_point ON score_point.trait_id = trait_score.trait_id AND score_point.value = trait_score.score
WHERE score_point.id IS NULL;

-- I1 Every read has a score for each trait of its rubric, or a condition code instead
SELECT read.id AS read_id, read.condition_code_id, count(trait.id) AS traits, count(trait_score.trait_id) AS scores FROM read
JOIN event_response ON event_response.id = read.event_response_id
JOIN trait ON trait.rubric_id = event_response.rubric_id
LEFT JOIN trait_score ON trait_score.read_id = read.id AND trait_score.trait_id = trait.id
GROUP BY read.id, read.condition_code_id
HAVING count(trait_score.trait_id) <> CASE WHEN read.condition_code_id IS NULL THEN count(trait.id) ELSE 0 END;

-- I1 No read has a score for a trait of another rubric
SELECT trait_score.read_id, trait_score.trait_id FROM trait_score
JOIN read ON read.id = trait_score.read_id
JOIN event_response ON event_response.id = read.event_response_id
JOIN trait ON trait.id = trait_score.trait_id
WHERE trait.rubric_id <> event_response.rubric_id;

-- I7 An idempotency key belongs to the scorer of its read
SELECT submit_key.scorer_id, submit_key.key, submit_key.read_id FROM submit_key JOIN read ON read.id = submit_key.read_id
WHERE read.scorer_id <> submit_key.scorer_id;

-- I9 A response belongs to the district of its student, and so do its copies in events
SELECT response.id AS response_id, response.district_id FROM response JOIN student ON student.id = response.student_id
WHERE response.district_id <> student.district_id
UNION ALL
SELECT response.id, event_response.district_id FROM event_response JOIN response ON response.id = event_response.response_id
WHERE event_response.district_id <> response.district_id OR event_response.task_id <> response.task_id;

-- I9 A school belongs to the district of the student or response it is given for
SELECT 'student' AS what, student.id, student.school_id FROM student JOIN organization AS school ON school.id = student.school_id
WHERE school.kind <> 'school' OR school.parent_id <> student.district_id
UNION ALL
SELECT 'response', response.id, response.school_id FROM response JOIN organization AS school ON school.id = response.school_id
WHERE school.kind <> 'school' OR school.parent_id <> response.district_id;

-- I9 Organizations form a tree of network, district and school
SELECT organization.id AS organization_id, organization.kind FROM organization
LEFT JOIN organization AS parent ON parent.id = organization.parent_id
WHERE (organization.kind = 'district' AND (parent.kind IS NULL OR parent.kind <> 'network'))
   OR (organization.kind = 'school' AND (parent.kind IS NULL OR parent.kind <> 'district'));

-- I9 An event reads only responses of its own districts
SELECT event_response.id AS event_response_id, event_response.district_id FROM event_response
LEFT JOIN event_district ON event_district.event_id = event_response.event_id
  AND event_district.district_id = event_response.district_id
WHERE event_district.district_id IS NULL;

-- I9 A district's event is about that district, a network's about districts of that network
SELECT event.id AS event_id, event_district.district_id FROM event_district
JOIN event ON event.id = event_district.event_id
JOIN organization AS district ON district.id = event_district.district_id
WHERE district.kind <> 'district' OR (district.id <> event.organization_id AND district.parent_id <> event.organization_id);

-- I9 An event's rubric is a published one of its task
SELECT event_task.id AS event_task_id FROM event_task JOIN rubric ON rubric.id = event_task.rubric_id
WHERE rubric.task_id <> event_task.task_id OR rubric.published_at IS NULL;

-- I10 Accepted, refused and duplicate rows of an import add up to the rows of the file
SELECT id AS batch_id, total, accepted, refused, duplicates FROM import_batch
WHERE status = 'done' AND accepted + refused + duplicates <> total;

-- I10 A finished import of student work left as many responses as it says, any other left none
SELECT import_batch.id AS batch_id, import_batch.status, import_batch.accepted, count(response.id) AS found FROM import_batch
LEFT JOIN response ON response.batch_id = import_batch.id
WHERE import_batch.kind <> 'roster' AND import_batch.status <> 'running'
GROUP BY import_batch.id, import_batch.status, import_batch.accepted
HAVING count(response.id) <> CASE WHEN import_batch.status = 'done' THEN import_batch.accepted ELSE 0 END;

-- I11 A frozen paper set holds what it held when it was frozen
SELECT paper_set.id AS set_id, paper_set.frozen_count, count(paper_set_item.id) AS found FROM paper_set
LEFT JOIN paper_set_item ON paper_set_item.set_id = paper_set.id
WHERE paper_set.frozen_at IS NOT NULL
GROUP BY paper_set.id, paper_set.frozen_count, paper_set.frozen_at
HAVING count(paper_set_item.id) <> paper_set.frozen_count OR max(paper_set_item.added_at) > paper_set.frozen_at;

-- I11 The papers of a set are of the set's rubric version
SELECT paper_set_item.id AS item_id FROM paper_set_item
JOIN paper_set ON paper_set.id = paper_set_item.set_id JOIN paper ON paper.id = paper_set_item.paper_id
WHERE paper.rubric_id <> paper_set.rubric_id;

-- I11 No response of a live validity set is shown to scorers as a paper
SELECT paper_set.id AS set_id, secret.response_id FROM paper_set
JOIN paper_set_item ON paper_set_item.set_id = paper_set.id JOIN paper AS secret ON secret.id = paper_set_item.paper_id
WHERE paper_set.purpose = 'validity' AND paper_set.frozen_at IS NOT NULL AND paper_set.retired_at IS NULL AND (
  EXISTS (SELECT 1 FROM paper AS shown WHERE shown.response_id = secret.response_id
          AND shown.retired_at IS NULL AND NOT shown.is_kept)
  OR EXISTS (SELECT 1 FROM paper AS other JOIN paper_set_item AS place ON place.paper_id = other.id
             JOIN paper_set AS other_set ON other_set.id = place.set_id
             WHERE other.response_id = secret.response_id AND other_set.purpose <> 'validity'
             AND other_set.retired_at IS NULL));

-- I12 Marked evidence lies in the work it is about
SELECT paper_evidence.id AS evidence_id FROM paper_evidence
JOIN paper ON paper.id = paper_evidence.paper_id JOIN response ON response.id = paper.response_id
LEFT JOIN page ON page.response_id = response.id AND page.number = paper_evidence.page
WHERE paper_evidence.span_end > coalesce(length(response.text), 0)
   OR (paper_evidence.page IS NOT NULL AND page.id IS NULL);

-- I12 Marked evidence is about a trait of its paper's rubric
SELECT paper_evidence.id AS evidence_id FROM paper_evidence
JOIN paper ON paper.id = paper_evidence.paper_id JOIN trait ON trait.id = paper_evidence.trait_id
WHERE trait.rubric_id <> paper.rubric_id;

-- I13 A clarification stands on a published rubric version, and is about a trait and a score point of it
SELECT clarification.id AS clarification_id, clarification.rubric_id FROM clarification
JOIN rubric ON rubric.id = clarification.rubric_id
LEFT JOIN trait ON trait.id = clarification.trait_id
LEFT JOIN score_point ON score_point.trait_id = trait.id AND score_point.value = clarification.score
WHERE rubric.published_at IS NULL OR (clarification.trait_id IS NOT NULL AND trait.rubric_id <> clarification.rubric_id)
   OR (clarification.score IS NOT NULL AND score_point.id IS NULL);

-- I13 A clarification is settled in a version of the same task
SELECT clarification.id AS clarification_id, clarification.settled_in_id FROM clarification
JOIN rubric ON rubric.id = clarification.rubric_id JOIN rubric AS later ON later.id = clarification.settled_in_id
WHERE later.task_id <> rubric.task_id OR later.version <= rubric.version;

-- I14 The posts of a thread are numbered from 1 without a gap, and it knows how many there are
SELECT thread.id AS thread_id, thread.posts, count(thread_post.id) AS found FROM thread
LEFT JOIN thread_post ON thread_post.thread_id = thread.id
GROUP BY thread.id, thread.posts
HAVING count(thread_post.id) <> thread.posts OR coalesce(max(thread_post.number), 0) <> thread.posts
  OR coalesce(min(thread_post.number), 1) <> 1;

-- I14 A thread belongs to the organization of its task or paper
SELECT thread.id AS thread_id, thread.organization_id FROM thread
JOIN task ON task.id = thread.task_id LEFT JOIN paper ON paper.id = thread.paper_id
WHERE thread.organization_id <> coalesce(paper.organization_id, task.organization_id)
  OR thread.task_id <> coalesce(paper.task_id, thread.task_id);

-- I14 A thread on a line is about a published rubric of its task
SELECT thread.id AS thread_id, thread.trait_id FROM thread
JOIN trait ON trait.id = thread.trait_id JOIN rubric ON rubric.id = trait.rubric_id
LEFT JOIN score_point ON score_point.id = thread.score_point_id
WHERE rubric.task_id <> thread.task_id OR rubric.published_at IS NULL OR score_point.trait_id <> thread.trait_id;

-- I14 A post quotes another post of its own thread, and its answer can be read
SELECT thread_post.id AS post_id FROM thread_post LEFT JOIN thread_post AS quoted ON quoted.id = thread_post.quoted_id
WHERE quoted.thread_id <> thread_post.thread_id
  OR (thread_post.is_answer AND (thread_post.removed_at IS NOT NULL OR thread_post.hidden_at IS NOT NULL));

-- I14 A paper is used elsewhere only while it is shared
SELECT paper_use.id AS use_id, paper_use.paper_id FROM paper_use
LEFT JOIN shared_paper ON shared_paper.paper_id = paper_use.paper_id AND shared_paper.withdrawn_at IS NULL
WHERE paper_use.ended_at IS NULL AND shared_paper.id IS NULL;

-- I14 A paper is shared by the organization it belongs to, in that organization's network
SELECT shared_paper.id AS shared_id FROM shared_paper JOIN paper ON paper.id = shared_paper.paper_id
JOIN organization ON organization.id = shared_paper.organization_id
WHERE paper.organization_id <> shared_paper.organization_id
  OR shared_paper.network_id <> coalesce(organization.parent_id, organization.id);

-- I15 A member's scores are of the committee's rubric version, a score point for each trait
SELECT committee_read.id AS read_id, count(committee_score.trait_id) AS scores FROM committee_read
JOIN proposed_paper ON proposed_paper.id = committee_read.proposed_id JOIN committee ON committee.id = proposed_paper.committee_id
LEFT JOIN committee_score ON committee_score.read_id = committee_read.id AND EXISTS (
  SELECT 1 FROM trait JOIN score_point ON score_point.trait_id = trait.id
  WHERE trait.id = committee_score.trait_id AND trait.rubric_id = committee.rubric_id AND score_point.value = committee_score.score)
WHERE committee_read.sent_at IS NOT NULL
GROUP BY committee_read.id, committee.rubric_id
HAVING count(committee_score.trait_id) <> (SELECT count(*) FROM trait WHERE trait.rubric_id = committee.rubric_id);

-- I15 Whoever scored in a committee was asked to, and has been noted as having seen the work
SELECT committee_read.id AS read_id, committee_read.person_id FROM committee_read
JOIN proposed_paper ON proposed_paper.id = committee_read.proposed_id
LEFT JOIN committee_member ON committee_member.committee_id = proposed_paper.committee_id
  AND committee_member.person_id = committee_read.person_id
LEFT JOIN seen_work ON seen_work.person_id = committee_read.person_id AND seen_work.response_id = proposed_paper.response_id
WHERE committee_member.person_id IS NULL OR seen_work.person_id IS NULL;

-- I15 A settled paper is the response that was proposed, under the committee's rubric version
SELECT proposed_paper.id AS proposed_id, proposed_paper.paper_id FROM proposed_paper
JOIN committee ON committee.id = proposed_paper.committee_id JOIN paper ON paper.id = proposed_paper.paper_id
WHERE paper.response_id <> proposed_paper.response_id OR paper.rubric_id <> committee.rubric_id;

-- I16 In an event for qualified scorers, whoever was handed a response was qualified for its rubric version then
SELECT assignment.id AS assignment_id, assignment.scorer_id FROM assignment
JOIN event ON event.id = assignment.event_id AND event.qualified_since <= assignment.leased_at
JOIN event_response ON event_response.id = assignment.event_response_id
WHERE assignment.purpose = 'operational' AND NOT EXISTS (
  SELECT 1 FROM qualification WHERE qualification.person_id = assignment.scorer_id
  AND qualification.rubric_id = event_response.rubric_id AND qualification.granted_at <= assignment.leased_at
  AND (qualification.revoked_at IS NULL OR qualification.revoked_at >= assignment.leased_at)
  AND (qualification.expires_at IS NULL OR qualification.expires_at > assignment.leased_at)
);

-- I16 Every paper scored in practice or qualification has a score point for each trait of its rubric, all others have none
SELECT qualification_paper.id AS qualification_paper_id, count(DISTINCT trait.id) AS traits, count(score_point.id) AS scores
FROM qualification_paper
JOIN qualification_attempt ON qualification_attempt.id = qualification_paper.attempt_id
JOIN qualification_program ON qualification_program.id = qualification_attempt.program_id
JOIN trait ON trait.rubric_id = qualification_program.rubric_id
LEFT JOIN qualification_score ON qualification_score.attempt_paper_id = qualification_paper.id
  AND qualification_score.trait_id = trait.id
LEFT JOIN score_point ON score_point.trait_id = qualification_score.trait_id AND score_point.value = qualification_score.score
GROUP BY qualification_paper.id, qualification_paper.submitted_at
HAVING count(score_point.id) <> CASE WHEN qualification_paper.submitted_at IS NULL THEN 0 ELSE count(DISTINCT trait.id) END
  OR count(qualification_score.trait_id) <> count(score_point.id);

-- I16 The sets and papers of a qualification program are of its rubric version
SELECT 'set' AS what, qualification_step.id FROM qualification_step
JOIN qualification_program ON qualification_program.id = qualification_step.program_id
JOIN paper_set ON paper_set.id = qualification_step.set_id
WHERE paper_set.rubric_id <> qualification_program.rubric_id OR paper_set.frozen_at IS NULL
UNION ALL
SELECT 'paper', qualification_paper.id FROM qualification_paper
JOIN qualification_attempt ON qualification_attempt.id = qualification_paper.attempt_id
JOIN qualification_program ON qualification_program.id = qualification_attempt.program_id
JOIN paper ON paper.id = qualification_paper.paper_id
WHERE paper.rubric_id <> qualification_program.rubric_id;

-- I16 Whoever passed a try was granted a qualification for the program's rubric version
SELECT qualification_attempt.id AS attempt_id FROM qualification_attempt
JOIN qualification_program ON qualification_program.id = qualification_attempt.program_id
LEFT JOIN qualification ON qualification.id = qualification_attempt.qualification_id
WHERE qualification_attempt.stage = 'qualification' AND qualification_attempt.passed
  AND (qualification.id IS NULL OR qualification.person_id <> qualification_attempt.person_id
       OR qualification.rubric_id <> qualification_program.rubric_id);

-- I17 The papers of a session are of the session's rubric version
SELECT session_paper.id AS session_paper_id FROM session_paper
JOIN calibration_session ON calibration_session.id = session_paper.session_id JOIN paper ON paper.id = session_paper.paper_id
WHERE paper.rubric_id <> calibration_session.rubric_id;

-- I17 A sheet belongs to a participant of the session that holds its paper
SELECT session_sheet.id AS sheet_id FROM session_sheet
JOIN session_paper ON session_paper.id = session_sheet.session_paper_id
JOIN session_participant ON session_participant.id = session_sheet.participant_id
WHERE session_participant.session_id <> session_paper.session_id;

-- I17 A sheet has a score for each trait of the session's rubric, and no other
SELECT session_sheet.id AS sheet_id, count(DISTINCT trait.id) AS traits, count(DISTINCT given.trait_id) AS scores FROM session_sheet
JOIN session_paper ON session_paper.id = session_sheet.session_paper_id
JOIN calibration_session ON calibration_session.id = session_paper.session_id
LEFT JOIN trait ON trait.rubric_id = calibration_session.rubric_id
LEFT JOIN session_sheet_score AS given ON given.sheet_id = session_sheet.id
GROUP BY session_sheet.id HAVING count(DISTINCT trait.id) <> count(DISTINCT given.trait_id);

-- I17 Every score of a sheet or a consensus is one of the score points of its trait
SELECT session_sheet_score.sheet_id AS id, session_sheet_score.trait_id, session_sheet_score.score FROM session_sheet_score
LEFT JOIN score_point ON score_point.trait_id = session_sheet_score.trait_id AND score_point.value = session_sheet_score.score
WHERE score_point.id IS NULL
UNION ALL
SELECT session_consensus.id, session_consensus.trait_id, session_consensus.score FROM session_consensus
LEFT JOIN score_point ON score_point.trait_id = session_consensus.trait_id AND score_point.value = session_consensus.score
WHERE score_point.id IS NULL;

-- I17 Nobody scores a paper of their own students, or one they look on at
SELECT session_sheet.id AS sheet_id FROM session_sheet
JOIN session_paper ON session_paper.id = session_sheet.session_paper_id
JOIN paper ON paper.id = session_paper.paper_id JOIN response ON response.id = paper.response_id
JOIN session_participant ON session_participant.id = session_sheet.participant_id
JOIN roster_entry ON roster_entry.person_id = session_participant.person_id AND roster_entry.student_id = response.student_id
WHERE roster_entry.created_at < session_sheet.submitted_at
UNION ALL
SELECT session_sheet.id FROM session_sheet
JOIN session_observer ON session_observer.session_paper_id = session_sheet.session_paper_id
  AND session_observer.participant_id = session_sheet.participant_id;

-- I17 Revised scores follow the first ones of the same person
SELECT revised.id AS sheet_id FROM session_sheet AS revised
LEFT JOIN session_sheet AS own ON own.session_paper_id = revised.session_paper_id AND own.participant_id = revised.participant_id
  AND own.round = 1 AND own.submitted_at <= revised.submitted_at
WHERE revised.round = 2 AND own.id IS NULL;

-- I17 What a session left is about its own papers and its own rubric version
SELECT session_outcome.id AS outcome_id, session_outcome.session_id FROM session_outcome
JOIN calibration_session ON calibration_session.id = session_outcome.session_id
LEFT JOIN session_paper ON session_paper.id = session_outcome.session_paper_id
LEFT JOIN clarification ON clarification.id = session_outcome.clarification_id
WHERE session_paper.session_id <> session_outcome.session_id OR clarification.rubric_id <> calibration_session.rubric_id;

-- I18 An improvement cycle looks at events that read its task
SELECT improvement_cycle_event.cycle_id FROM improvement_cycle_event
JOIN improvement_cycle ON improvement_cycle.id = improvement_cycle_event.cycle_id
LEFT JOIN event_task ON event_task.event_id = improvement_cycle_event.event_id AND event_task.task_id = improvement_cycle.task_id
WHERE event_task.id IS NULL;

-- I18 An improvement cycle looks at events of its own district or network, or those its district takes part in
SELECT improvement_cycle_event.cycle_id FROM improvement_cycle_event
JOIN improvement_cycle ON improvement_cycle.id = improvement_cycle_event.cycle_id
JOIN event ON event.id = improvement_cycle_event.event_id
LEFT JOIN event_district ON event_district.event_id = event.id AND event_district.district_id = improvement_cycle.organization_id
WHERE event.organization_id <> improvement_cycle.organization_id AND event_district.district_id IS NULL;

-- I19 A credential is of the organization and the rubric version of its rule
SELECT credential.id AS credential_id, credential.rule_id FROM credential
JOIN credential_rule ON credential_rule.id = credential.rule_id
WHERE credential.organization_id <> credential_rule.organization_id OR credential.rubric_id <> credential_rule.rubric_id;

-- I19 Nobody gave a credential to themselves
SELECT id AS credential_id, person_id FROM credential WHERE issued_by_id = person_id;

-- I19 Who was given what they asked for has a credential from that rule
SELECT credential_request.id AS request_id FROM credential_request
LEFT JOIN credential ON credential.rule_id = credential_request.rule_id AND credential.person_id = credential_request.person_id
WHERE credential_request.answer = 'given' AND credential.id IS NULL;

-- I20 A comparison is of two responses of its study, by somebody invited to it
SELECT comparison.id AS comparison_id FROM comparison
JOIN study_participant ON study_participant.id = comparison.participant_id
JOIN study_response AS one ON one.id = comparison.first_id JOIN study_response AS other ON other.id = comparison.second_id
WHERE study_participant.study_id <> comparison.study_id OR one.study_id <> comparison.study_id
   OR other.study_id <> comparison.study_id;

-- I20 A study compares responses of its event, and its rubric is one of the event
SELECT comparison_study.id AS study_id, study_response.response_id FROM comparison_study
JOIN study_response ON study_response.study_id = comparison_study.id
WHERE NOT EXISTS (SELECT 1 FROM event_response WHERE event_response.event_id = comparison_study.event_id
                  AND event_response.response_id = study_response.response_id
                  AND event_response.rubric_id = comparison_study.rubric_id);

-- I20 Nobody compares work of a student they teach
SELECT comparison.id AS comparison_id FROM comparison
JOIN study_participant ON study_participant.id = comparison.participant_id
JOIN study_response ON study_response.id IN (comparison.first_id, comparison.second_id)
JOIN response ON response.id = study_response.response_id
JOIN roster_entry ON roster_entry.person_id = study_participant.person_id AND roster_entry.student_id = response.student_id
WHERE comparison.handed_at > roster_entry.created_at;

-- Everybody who may be told of a student in danger is an active person
SELECT event.id AS event_id, event.alert_to_id FROM event JOIN person ON person.id = event.alert_to_id
WHERE event.status = 'open' AND NOT person.is_active;
