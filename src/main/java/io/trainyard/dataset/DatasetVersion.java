package io.trainyard.dataset;

import io.trainyard.access.Names;
import io.trainyard.label.Labels;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An immutable set of rows.
 *
 * @param sha256 of the uploaded bytes
 * @param parts the number of uploaded files
 * @param bytes the number of uploaded bytes
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
    Instant createdAt,
    Labels labels) {
  public DatasetVersion {
    columns = Columns.of(columns);
    hints = List.copyOf(hints);
  }

  /** The same version with labels. */
  public DatasetVersion with(Labels others) {
    return new DatasetVersion(
        name,
        version,
        format,
        sha256,
        parts,
        rows,
        rejectedRows,
        bytes,
        columns,
        hints,
        createdAt,
        others);
  }

  /** Whether a text can be the name of a dataset. */
  public static boolean isName(String text) {
    return Names.isName(text);
  }

  /** What is wrong with a text that is no name. */
  public static String nameRule(String text) {
    return "'"
        + (text.length() <= 60 ? text : text.substring(0, 57) + "...")
        + "' is not a dataset name: a name starts with a lower-case letter or digit and has at most"
        + " 63 characters of a-z, 0-9, '.', '_' and '-'";
  }

  public Optional<Column> column(String name) {
    return Columns.of(columns).find(name);
  }

  /** The media type of the original bytes; several files are returned as one archive. */
  public String contentType() {
    return (parts == 1 ? format : Upload.Format.IMAGES).mediaType();
  }

  public String reference() {
    return name + "@" + version;
  }
}
