SELECT is_new, answer
FROM core.report(
    actor => %(actor)s,
    reporter_id => %(reporter_id)s,
    moment => %(at)s,
    channel => %(channel)s,
    description => %(description)s,
    longitude => %(lng)s,
    latitude => %(lat)s,
    location_text => %(location_text)s,
    asset_id => %(asset_id)s,
    asset_class_id => %(asset_class_id)s,
    event_class_id => %(event_class_id)s,
    source_number => %(source_number)s,
    found_by_patrol => %(found_by_patrol)s,
    contact_name => %(contact_name)s,
    contact_phone => %(contact_phone)s,
    contact_email => %(contact_email)s,
    client => %(client)s,
    idempotency_key => %(idempotency_key)s,
    request_hash => %(request_hash)s,
    is_simulated => %(is_simulated)s
)
