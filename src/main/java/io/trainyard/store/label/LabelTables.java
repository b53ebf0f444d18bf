package io.trainyard.store.label;

import io.trainyard.access.Identity;
import io.trainyard.label.Labelled;
import io.trainyard.label.Selection;
import io.trainyard.store.database.Timestamps;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Where one kind of thing has its labels.
 *
 * @param table of the things
 * @param from the table as {@code t}, with what its key needs
 * @param key the condition by {@code :name} and {@code :version}
 * @param tags the table of its tags
 * @param thing the column there that refers to {@code t.id}
 */
public record LabelTables(String table, String from, String key, String tags, String thing) {
  /** The id of a key. */
  private static final Pattern KEY = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  public static LabelTables of(Labelled kind) {
    return switch (kind) {
      case JOB -> new LabelTables("jobs", "jobs t", "t.id = :name", "job_tags", "job_id");
      case MODEL ->
          new LabelTables("models", "models t", "t.name = :name", "model_tags", "model_id");
      case MODEL_VERSION ->
          new LabelTables(
              "model_versions",
              "model_versions t",
              "t.model_id = (select m.id from models m where m.name = :name)"
                  + " and t.version = :version",
              "model_version_tags",
              "version_id");
      case DATASET ->
          new LabelTables("datasets", "datasets t", "t.name = :name", "dataset_tags", "dataset_id");
      case DATASET_VERSION ->
          new LabelTables(
              "dataset_versions",
              "dataset_versions t",
              "t.name = :name and t.version = :version",
              "dataset_version_tags",
              "version_id");
    };
  }

  /** Whether all that a condition finds has the same {@code owner_name}. */
  public static boolean isOneName(String owner) {
    return !owner.equals(Identity.ANONYMOUS) && !isId(owner);
  }

  private static boolean isId(String owner) {
    return owner.startsWith(Identity.TOKEN) || KEY.matcher(owner).matches();
  }

  /**
   * A condition for what a caller made, by its name or its id. The name of a caller with a token
   * begins with its id.
   */
  private static String ownedBy(String owner, String alias) {
    if (owner.equals(Identity.ANONYMOUS)) {
      return "%s.owner_name is null".formatted(alias);
    }
    if (!isId(owner)) {
      return "%s.owner_name = :owner".formatted(alias);
    }
    return ("(%1$s.owner_name = :owner"
            + " or substring(%1$s.owner_name from 1 for char_length(:owner) + 2) = :owner || ' ('"
            + " or %1$s.owner_name in (select k.name from access_keys k where k.id = :owner))")
        .formatted(alias);
  }

  /**
   * Conditions of a list that begin with {@code and}; empty where all things are selected.
   *
   * @param alias of the things' table
   * @param created the expression of the time at which one was made
   * @param parameters gets those of the conditions
   */
  public String and(
      Selection selection, String alias, String created, Map<String, Object> parameters) {
    StringBuilder conditions = new StringBuilder();
    if (selection.archived() != null) {
      // Most things are not archived: H2 must not take the index of those that are.
      conditions.append(
          (selection.archived()
                  ? " and %s.archived = :archived"
                  : " and coalesce(%s.archived, true) = :archived")
              .formatted(alias));
      parameters.put("archived", selection.archived());
    }
    if (selection.owner() != null) {
      conditions.append(" and ").append(ownedBy(selection.owner(), alias));
      parameters.put("owner", selection.owner());
    }
    if (selection.createdAfter() != null) {
      conditions.append(" and %s > :created_after".formatted(created));
      parameters.put("created_after", Timestamps.time(selection.createdAfter()));
    }
    int number = 0;
    for (Map.Entry<String, String> tag : selection.tags().entrySet()) {
      conditions.append(
          " and %2$s.id in (select g.%3$s from %4$s g where g.name = :tag%1$d and g.content = :content%1$d)"
              .formatted(number, alias, thing, tags));
      parameters.put("tag" + number, tag.getKey());
      parameters.put("content" + number, tag.getValue());
      number++;
    }
    return conditions.toString();
  }
}
