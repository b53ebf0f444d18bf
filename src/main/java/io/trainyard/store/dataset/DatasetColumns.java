package io.trainyard.store.dataset;

import io.trainyard.dataset.Column;
import io.trainyard.dataset.ColumnProfile;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.store.database.TableRules;
import io.trainyard.store.label.LabelColumns;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the columns of the tables of datasets hold. */
public final class DatasetColumns {
  private static final long LARGEST_CRC = 0xffff_ffffL;
  private static final String NAME =
      "a dataset name, of at most 63 characters of a-z, 0-9, '.', '_' and '-'";

  public static final List<TableRules> RULES =
      List.of(
          LabelColumns.rules(
              TableRules.of("datasets")
                  .atLeast(1, "id")
                  .counter(1, "last_version")
                  .text("name", NAME, DatasetVersion::isName)),
          LabelColumns.tagRules("dataset_tags", "dataset_id"),
          LabelColumns.tagRules("dataset_version_tags", "version_id"),
          LabelColumns.rules(
              TableRules.of("dataset_versions")
                  .atLeast(1, "id")
                  .counter(1, "version")
                  .atLeast(0, "stored_bytes")
                  .text("name", NAME, DatasetVersion::isName)
                  .sha256("digest")
                  .document(
                      "document", "the description of a dataset", DatasetColumns::readDocument)
                  .any("created_at", "owner")),
          TableRules.of("dataset_holds")
              .atLeast(1, "version")
              .text("name", NAME, DatasetVersion::isName)
              .any("holder"),
          TableRules.of("dataset_seals")
              .text(
                  "file_name",
                  "a digest and .parquet, .content or .rejects",
                  text -> text.matches("[0-9a-f]{64}\\.(parquet|content|rejects)"))
              .atLeast(0, "bytes")
              .between("crc32c", 0, LARGEST_CRC)
              .any("sealed_at"));

  private DatasetColumns() {}

  private static void readDocument(String text) {
    DatasetVersion version = DatasetDocument.read("any", 1, text, Instant.EPOCH);
    require(version.sha256().matches("[0-9a-f]{64}"), "sha256");
    require(version.parts() >= 1, "parts");
    require(version.rows() >= 0, "rows");
    require(version.rejectedRows() >= 0, "rejected_rows");
    require(version.bytes() >= 0, "bytes");
    Set<String> names = new HashSet<>();
    for (Column column : version.columns()) {
      require(!column.name().isEmpty() && names.add(column.name()), "columns/name");
      ColumnProfile profile = column.profile();
      require(profile.nulls() >= 0 && profile.nulls() <= version.rows(), "columns/nulls");
      require(profile.distinct() >= 0, "columns/distinct");
      require(profile.top().stream().allMatch(top -> top.count() >= 0), "columns/top/count");
    }
    require(!names.isEmpty(), "columns");
    version.hints().forEach(hint -> require(names.containsAll(hint.columns()), "hints/columns"));
  }

  private static void require(boolean holds, String member) {
    if (!holds) {
      throw new IllegalArgumentException("its member " + member + " cannot be that");
    }
  }
}
