-- Invented units for assets whose source names none, marked field by field; real owners of the source stay.
-- %(units)s: JSON array of {"class", "authority", "owner", "maintainer"}: a code of a class, and codes of organisations.
WITH named AS (
    SELECT u.class, authority.id AS authority_id, owner.id AS owner_id, maintainer.id AS maintainer_id
    FROM jsonb_to_recordset(%(units)s::jsonb) AS u (class text, authority text, owner text, maintainer text)
    JOIN organisation authority ON authority.code = u.authority
    JOIN organisation owner ON owner.code = u.owner
    JOIN organisation maintainer ON maintainer.code = u.maintainer
)
UPDATE asset
SET
    competent_authority_id = coalesce(asset.competent_authority_id, named.authority_id),
    owner_id = coalesce(asset.owner_id, named.owner_id),
    maintainer_id = coalesce(asset.maintainer_id, named.maintainer_id),
    simulated_fields = array_remove(
        ARRAY[
            CASE WHEN asset.competent_authority_id IS NULL THEN 'competent_authority' END,
            CASE WHEN asset.owner_id IS NULL THEN 'owner' END,
            CASE WHEN asset.maintainer_id IS NULL THEN 'maintainer' END
        ],
        NULL
    )
FROM asset_class
JOIN named ON named.class = asset_class.code
WHERE
    asset_class.id = asset.asset_class_id
    AND (asset.competent_authority_id IS NULL OR asset.owner_id IS NULL OR asset.maintainer_id IS NULL)
