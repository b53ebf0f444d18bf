package io.trainyard.dataset;

import io.trainyard.error.Violations;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which rows a job trains on, and how they are parted.
 *
 * @param version null: the newest, until {@link #pinned}
 * @param where one boolean expression over columns, or null for all rows
 * @param validation a data set of its own to validate on, or null
 */
public record DatasetSelection(
    String name,
    @Nullable Integer version,
    SplitSpec split,
    @Nullable String where,
    @Nullable Reference validation) {

  /** A data set version by name. */
  public record Reference(String name, @Nullable Integer version) {}

  /** Reads the {@code dataset} member of a job; null when the violations say why not. */
  public static @Nullable DatasetSelection read(
      @Nullable JsonNode json, String pointer, Violations violations) {
    return DatasetSelectionReader.read(json, pointer, violations);
  }

  /** The same selection with its versions fixed. */
  public DatasetSelection pinned(int version, @Nullable Integer validationVersion) {
    Reference fixed =
        validation == null ? null : new Reference(validation.name(), validationVersion);
    return new DatasetSelection(name, version, split, where, fixed);
  }

  /** As a job's request shows it; {@link #read} takes it back. */
  public ObjectNode toJson() {
    return DatasetSelectionReader.write(this);
  }
}
