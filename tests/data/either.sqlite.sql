-- Whether a document has the key.
SELECT json_type(?1, '$.a') IS NOT NULL
