-- A vendor's report names the business of an order too: none is looked up across businesses.
DROP INDEX credit_order_by_id;
