-- What must always be true. Each query names a promise and returns the rows that break it; no row is the good answer.
-- Run by `flask check` on a live database, and by the tests after every test that writes.

-- I2 Nobody is handed, or reads, the same response twice
SELECT scorer_id, response_id, count(*) AS times FROM assignment GROUP BY scorer_id, response_id HAVING count(*) > 1
UNION ALL
SELECT scorer_id, response_id, count(*) FROM read WHERE reopened_at IS NULL GROUP BY scorer_id, response_id HAVING count(*) > 1;

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

-- I12 A credential is of the organization and the rubric version of its rule
SELECT credential.id AS credential_id, credential.rule_id FROM credential
JOIN credential_rule ON credential_rule.id = credential.rule_id
WHERE credential.organization_id <> credential_rule.organization_id OR credential.rubric_id <> credential_rule.rubric_id;

-- I12 Nobody gave a credential to themselves
SELECT id AS credential_id, person_id FROM credential WHERE issued_by_id = person_id;

-- I12 Who was given what they asked for has a credential from that rule
SELECT credential_request.id AS request_id FROM credential_request
LEFT JOIN credential ON credential.rule_id = credential_request.rule_id AND credential.person_id = credential_request.person_id
WHERE credential_request.answer = 'given' AND credential.id IS NULL;

-- Everybody who may be told of a student in danger is an active person
SELECT event.id AS event_id, event.alert_to_id FROM event JOIN person ON person.id = event.alert_to_id
WHERE event.status = 'open' AND NOT person.is_active;
