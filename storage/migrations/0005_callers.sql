-- What is read while somebody calls: a company's open tickets by risk, who may approve there, and pieces of a model.

CREATE INDEX ticket_open_by_company ON ticket (company, queue_rank, queue_key, priority, id) WHERE queue_rank < 4;

CREATE INDEX affiliation_by_approver ON affiliation (company) WHERE may_approve = 1;

CREATE INDEX equipment_by_model ON equipment (model, company);
