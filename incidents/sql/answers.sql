SELECT
    place.unit_code,
    place.cell_name,
    place.border_unit_codes,
    worker.user_id,
    worker.level,
    worker.is_substitute,
    worker.duty_unit_code,
    duty.role,
    on_duty.until
FROM core.place_of(ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326)) AS place
CROSS JOIN LATERAL core.cell_worker(place.unit_code, %(at)s) AS worker
LEFT JOIN LATERAL core.on_duty(coalesce(place.unit_code, core.county_code()), %(at)s) AS on_duty
    ON worker.level <> 'FALLBACK'
LEFT JOIN duty ON duty.id = on_duty.duty_id
