-- What was sent stays as it was sent.
COMMENT ON TABLE inbound_source IS 'Other systems that send reports, and how their JSON is read. 来件系统';
COMMENT ON TABLE inbound_post IS 'What another system sent, as it was sent, beside the incident it became. 来件原文';
COMMENT ON TABLE inbound_signature IS 'Signatures of the last minutes; none is taken twice.';

CREATE TRIGGER inbound_post_is_kept
BEFORE UPDATE OR DELETE OR TRUNCATE ON inbound_post
FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON inbound_post FROM geogrid_app;
