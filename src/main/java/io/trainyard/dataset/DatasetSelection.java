package io.trainyard.dataset;

import io.trainyard.error.Violations;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rows that a job trains on, and how they are split.
 *
 * @param version null for the newest; never null after {@link #pinned}
 * @param where one boolean expression over columns, or null for all rows
 * @param validation a separate dataset to validate on, or null
 */
public record DatasetSelection(
    String name,
    @Nullable Integer version,
    SplitSpec split,
    @Nullable String where,
    @Nullable Reference validation) {

  /** A dataset version by name. */
  public record Reference(String name, @Nullable Integer version) {}

  /** Reads the {@code dataset} member of a job; null when there are violations. */
  public static @Nullable DatasetSelection read(
      @Nullable JsonNode json, String pointer, Violations violations) {
    return DatasetSelectionReader.read(json, pointer, violations);
  }

  /** Whether some rows are for validation. */
  public boolean hasValidation() {
    return validation != null || split.validates();
  }

  /** This selection with another split; a fold replaces a dataset to validate on. */
  public DatasetSelection with(SplitSpec other) {
    return new DatasetSelection(
        name, version, other, where, other.fold() == null ? validation : null);
  }

  /** This selection with its versions resolved to numbers. */
  public DatasetSelection pinned(int version, @Nullable Integer validationVersion) {
    Reference fixed =
        validation == null ? null : new Reference(validation.name(), validationVersion);
    return new DatasetSelection(name, version, split, where, fixed);
  }

  /** The JSON that {@link #read} reads. */
  public ObjectNode toJson() {
    return DatasetSelectionReader.write(this);
  }
}
