-- Kinds of operations of a newer program: files of tickets, and persons who were purged.

INSERT INTO lampboard.op_kind (kind, entity) VALUES
    ('attachment.added', 'ticket'),
    ('attachment.removed', 'ticket'),
    ('person.purged', 'record');
