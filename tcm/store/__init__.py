"""Where records are kept: tables, sealed columns, unit of work, repositories, queries, blobs."""
