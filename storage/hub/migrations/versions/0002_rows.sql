-- The second line behind the functions' own checks: whatever a function forgets to ask, only rows of the login's own
-- streams come out of it or go in. Its owner is held to this too; who runs the hub is a member of the owner and is not.
-- Sub-selects are evaluated once for a statement, not for each row.

CREATE FUNCTION runs_the_hub() RETURNS boolean LANGUAGE sql STABLE
AS $$ SELECT pg_has_role(session_user, 'lampboard_owner', 'MEMBER') $$;

ALTER TABLE op ENABLE ROW LEVEL SECURITY;
ALTER TABLE op FORCE ROW LEVEL SECURITY;
CREATE POLICY of_own_streams ON op TO lampboard_owner
    USING ((SELECT runs_the_hub())
        OR stream IN (SELECT m.stream FROM member m WHERE m.role_name = session_user::text))
    WITH CHECK ((SELECT runs_the_hub())
        OR stream IN (SELECT m.stream FROM member m WHERE m.role_name = session_user::text AND m.rights <> 'read'));

ALTER TABLE doc ENABLE ROW LEVEL SECURITY;
ALTER TABLE doc FORCE ROW LEVEL SECURITY;
CREATE POLICY of_own_streams ON doc TO lampboard_owner
    USING ((SELECT runs_the_hub())
        OR stream IN (SELECT m.stream FROM member m WHERE m.role_name = session_user::text))
    WITH CHECK ((SELECT runs_the_hub())
        OR stream IN (SELECT m.stream FROM member m WHERE m.role_name = session_user::text AND m.rights = 'keep'));

ALTER TABLE refused ENABLE ROW LEVEL SECURITY;
ALTER TABLE refused FORCE ROW LEVEL SECURITY;
CREATE POLICY of_own_login ON refused TO lampboard_owner
    USING ((SELECT runs_the_hub()) OR role_name = session_user::text)
    WITH CHECK ((SELECT runs_the_hub()) OR role_name = session_user::text);

REVOKE ALL ON FUNCTION runs_the_hub() FROM PUBLIC;
