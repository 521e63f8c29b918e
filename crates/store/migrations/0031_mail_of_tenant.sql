-- Which business wrote it to somebody it deals with: it goes when that person is erased, and with the business. Mail of ours has none.
ALTER TABLE mail ADD COLUMN of_tenant TEXT;
