package io.trainyard.dataset;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An immutable set of rows.
 *
 * @param sha256 of the bytes that were uploaded, as they are given back
 * @param parts how many files they came in
 * @param bytes how many they were
 */
public record DatasetVersion(
    String name,
    int version,
    Upload.Format format,
    String sha256,
    int parts,
    long rows,
    long rejectedRows,
    long bytes,
    List<Column> columns,
    List<Hint> hints,
    Instant createdAt) {
  public DatasetVersion {
    columns = List.copyOf(columns);
    hints = List.copyOf(hints);
  }

  public Optional<Column> column(String name) {
    return columns.stream().filter(column -> column.name().equals(name)).findFirst();
  }

  /** The media type of the bytes that were uploaded; several files come back as one archive. */
  public String contentType() {
    return (parts == 1 ? format : Upload.Format.IMAGES).mediaType();
  }

  public String reference() {
    return name + "@" + version;
  }
}
