-- What the importer works out beside the database, while that writes the batch before.

-- The importer's guess of the cell is only ever believed where the database finds the point in that cell.
ALTER TABLE core.asset_intake ADD COLUMN cell_guess bigint;
COMMENT ON COLUMN core.asset_intake.cell_guess IS 'The only cell that the importer found at the point; a guess. 推测网格';

-- 1, 2, 3... within the rows of one class that are new and bring no code.
ALTER TABLE core.asset_intake ADD COLUMN number_in_class integer;
COMMENT ON COLUMN core.asset_intake.number_in_class IS 'Place among the rows of its class that want a code. 类内序号';

-- Made by the importer in the order of time: random ones would touch a page of the index each.
ALTER TABLE core.asset_intake ADD COLUMN public_id uuid;
COMMENT ON COLUMN core.asset_intake.public_id IS 'Id for the outside of a row that is new; null: made here. 公开标识';

ALTER TABLE core.asset_intake ADD CONSTRAINT asset_intake_wants_a_number
CHECK (NOT is_new OR code IS NOT NULL OR number_in_class IS NOT NULL);
