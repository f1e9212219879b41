-- Whether a document has the key; ?? is the operator ?
SELECT ?1::jsonb ?? 'a'
