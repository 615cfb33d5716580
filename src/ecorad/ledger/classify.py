"""Which incoming rows are new, as SQL of the engine; ``known`` is a stored table with ``is_held``."""

from __future__ import annotations

# Incoming rows are taken in order; those whose content is known under their key are duplicates, the others
# continue the versions. ``content`` tells contents apart: by the bytes of the input, or by what is read of it where a
# table tells of that. ``known`` is read once, and only its key columns.
CLASSIFY = """
CREATE OR REPLACE TEMP TABLE {name}_class AS
WITH stored AS (
    SELECT k.record_key, k.source_digest, {content} AS content, k.version, k.is_held FROM {known} AS k
    SEMI JOIN {name}_in AS n ON n.record_key = k.record_key
), latest AS (
    SELECT record_key, max(version) AS version FROM stored GROUP BY record_key
), coming AS (
    SELECT k.place, k.record_key, k.source_digest, {content} AS content FROM {name}_in AS k
), met AS (
    SELECT DISTINCT n.place FROM coming AS n JOIN stored AS s
      ON s.record_key = n.record_key AND s.is_held AND (s.source_digest = n.source_digest OR s.content = n.content)
), marked AS (
    SELECT n.place, n.record_key,
           met.place IS NOT NULL
           OR row_number() OVER (PARTITION BY n.record_key, n.content ORDER BY n.place) > 1 AS is_known
    FROM coming AS n LEFT JOIN met USING (place)
), counted AS (
    SELECT m.place, m.is_known, coalesce(l.version, 0)
           + sum(CASE WHEN m.is_known THEN 0 ELSE 1 END) OVER (PARTITION BY m.record_key ORDER BY m.place) AS version
    FROM marked AS m LEFT JOIN latest AS l USING (record_key)
)
SELECT place, version::BIGINT AS version,
       CASE WHEN is_known THEN 'duplicate' WHEN version = 1 THEN 'stored' ELSE 'new_version' END AS fate
FROM counted
"""
CLASSIFY_READINGS = """
CREATE OR REPLACE TEMP TABLE reading_class AS
WITH stored AS (
    SELECT k.meter_key, k.start_utc, k.end_utc, k.energy_kwh, k.version, k.is_held FROM {known} AS k
    SEMI JOIN reading_in AS n ON n.meter_key = k.meter_key AND n.start_utc = k.start_utc
), latest AS (
    SELECT meter_key, start_utc, max(version) AS version FROM stored GROUP BY ALL
), marked AS (
    SELECT n.*, s.meter_key IS NOT NULL
           OR row_number() OVER (PARTITION BY n.meter_key, n.start_utc, n.end_utc, n.energy_kwh ORDER BY n.place) > 1
           AS is_known
    FROM reading_in AS n
    LEFT JOIN (SELECT DISTINCT meter_key, start_utc, end_utc, energy_kwh FROM stored WHERE is_held) AS s
      ON s.meter_key = n.meter_key AND s.start_utc = n.start_utc AND s.end_utc = n.end_utc
     AND s.energy_kwh IS NOT DISTINCT FROM n.energy_kwh
), counted AS (
    SELECT m.*, (coalesce(l.version, 0) + sum(CASE WHEN m.is_known THEN 0 ELSE 1 END)
           OVER (PARTITION BY m.meter_key, m.start_utc ORDER BY m.place))::BIGINT AS version
    FROM marked AS m LEFT JOIN latest AS l ON l.meter_key = m.meter_key AND l.start_utc = m.start_utc
)
SELECT *, CASE WHEN is_known THEN 'duplicate' WHEN version = 1 THEN 'stored' ELSE 'new_version' END AS fate FROM counted
"""
