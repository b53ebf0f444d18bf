package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.access.Scope;
import io.trainyard.idempotency.Created;
import io.trainyard.job.JobState;
import io.trainyard.label.Labels;
import io.trainyard.tensor.Device;
import io.trainyard.trace.TraceContext;
import io.trainyard.train.StopReason;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Every text column of bounded length has room for the longest text that the product stores in it.
 * A column that is added must be added here, with what bounds its text.
 */
@Timeout(60)
@Tag("service")
class ColumnLengthsTest {
  /** A name of a dataset, model, alias or pool: {@code [a-z0-9][a-z0-9._-]{0,62}}. */
  private static final int NAME = 63;

  private static final int JOB = 36;
  private static final int SHA256 = 64;

  /** Host of at most 60 characters, process id, random digits. */
  private static final int PROCESS = 60 + 1 + 20 + 1 + 8;

  /** The id of a caller with a token; those of keys are shorter, and so are names. */
  private static final int IDENTITY = "oidc:".length() + 150;

  /** Who did something; a longer text is cut. */
  private static final int LABEL = 200;

  /** MetricNames refuses longer records; the rest of a record is at most this long. */
  private static final int RECORD = 990_000 + 200 + NAME;

  private static final Map<String, Integer> LONGEST = new HashMap<>();

  static {
    for (String column :
        new String[] {
          "datasets.name",
          "dataset_versions.name",
          "dataset_holds.name",
          "models.name",
          "alias_moves.alias",
          "aliases.name",
          "promised_aliases.alias",
          "jobs.model",
          "jobs.dataset_name",
          "jobs.pool"
        }) {
      LONGEST.put(column, NAME);
    }
    for (String column :
        new String[] {
          "dataset_holds.holder",
          "model_holds.holder",
          "version_holds.holder",
          "model_versions.job",
          "jobs.id",
          "jobs.sweep",
          "job_metrics.job_id",
          "job_events.job_id",
          "job_evaluations.job_id",
          "job_frames.job_id",
          "promised_aliases.job_id",
          "checkpoints.job_id",
          "scheduled_tasks.task_instance",
          "database_identity.id"
        }) {
      LONGEST.put(column, JOB);
    }
    for (String column :
        new String[] {
          "dataset_versions.digest",
          "model_versions.weights_sha256",
          "checkpoints.sha256",
          "idempotency_keys.id",
          "idempotency_keys.payload"
        }) {
      LONGEST.put(column, SHA256);
    }
    LONGEST.put("database_identity.id", UUID.randomUUID().toString().length());
    LONGEST.put("jobs.memory_group", 64 + 1 + 8);
    LONGEST.put("dataset_seals.file_name", SHA256 + ".content".length());
    LONGEST.put("alias_moves.moved_by", LABEL);
    // A longer one is cut.
    LONGEST.put("version_serving.quarantine", 1000);
    LONGEST.put("jobs.kind", "training".length());
    LONGEST.put("running_backups.id", UUID.randomUUID().toString().length());
    // The longest prefix of a bucket, a kind of files, two digits, and a SHA-256.
    LONGEST.put("orphan_objects.object_key", 200 + "checkpoints/ab/".length() + 64);
    LONGEST.put("jobs.traceparent", TraceContext.root(true).header().length());
    LONGEST.put("jobs.state", longest(JobState.Name.values(), JobState.Name::word));
    LONGEST.put("jobs.worker", PROCESS);
    LONGEST.put("workers.name", PROCESS);
    for (String table :
        List.of("jobs", "models", "model_versions", "datasets", "dataset_versions")) {
      LONGEST.put(table + ".description", Labels.LONGEST_DESCRIPTION);
      LONGEST.put(table + ".owner_name", LABEL);
    }
    for (String table :
        List.of(
            "job_tags",
            "model_tags",
            "model_version_tags",
            "dataset_tags",
            "dataset_version_tags")) {
      LONGEST.put(table + ".name", NAME);
      LONGEST.put(table + ".content", Labels.LONGEST_TAG);
    }
    LONGEST.put("job_tags.job_id", JOB);
    LONGEST.put("job_values.job_id", JOB);
    // Longer names are left out.
    LONGEST.put("job_values.name", 200);
    LONGEST.put("jobs.device", longest(Device.values(), Device::code));
    LONGEST.put("jobs.stop_reason", longest(StopReason.values(), StopReason::code));
    // Eight numbers and their names, and the name of a phase.
    LONGEST.put("jobs.progress", 8 * 50 + NAME);
    LONGEST.put("job_metrics.progress", 8 * 50 + NAME);
    LONGEST.put("jobs.last_record", RECORD);
    LONGEST.put("jobs.best_record", RECORD);
    LONGEST.put("job_metrics.measures", RECORD);
    LONGEST.put("job_events.kind", "state".length());
    // The process, a slash and eight digits.
    LONGEST.put("idempotency_keys.holder", JOB + 1 + 8);
    LONGEST.put("idempotency_keys.location", "/v1/models//versions/".length() + NAME + 10);
    LONGEST.put("idempotency_keys.etag", "\"0123456789abcdef\"".length());
    LONGEST.put("idempotency_keys.content_type", "application/problem+json;charset=utf-8".length());
    LONGEST.put(
        "idempotency_keys.created_kind", longest(Created.Kind.values(), Created.Kind::word));
    LONGEST.put("idempotency_keys.created_id", NAME + 1 + 10);
    LONGEST.put("access_keys.id", JOB);
    LONGEST.put("access_keys.name", NAME);
    LONGEST.put("access_keys.prefix", "ty_".length() + 8);
    LONGEST.put("access_keys.sha256", SHA256);
    LONGEST.put("access_keys.scopes", Scope.words(Set.of(Scope.values()), " ").length());
    LONGEST.put("access_keys.created_by", LABEL);
    // Longer ones are cut where they are stored.
    LONGEST.put("audit_entries.caller", IDENTITY);
    LONGEST.put("audit_entries.caller_name", IDENTITY);
    LONGEST.put("audit_entries.operation", 100);
    LONGEST.put("audit_entries.resource", 500);
    LONGEST.put("jobs.owner", IDENTITY);
    LONGEST.put("dataset_versions.owner", IDENTITY);
    LONGEST.put("model_versions.owner", IDENTITY);
    LONGEST.put("models.owner", IDENTITY);
    LONGEST.put("scheduled_tasks.task_name", "job-".length() + NAME);
    LONGEST.put("scheduled_tasks.picked_by", PROCESS);
  }

  @TempDir Path folder;

  private static <T> int longest(T[] values, Function<T, String> text) {
    return Arrays.stream(values).map(text).mapToInt(String::length).max().orElseThrow();
  }

  private record Column(String name, int length) {}

  @ParameterizedTest
  @EnumSource
  void everyBoundedColumnHasRoomForItsLongestText(TestDatabase kind) {
    try (TestDatabase.Opened database = kind.available().open(folder)) {
      var columns =
          JdbcClient.create(database.source())
              .sql(
                  "select lower(table_name || '.' || column_name) as name,"
                      + " character_maximum_length as length from information_schema.columns"
                      + " where lower(table_schema) = 'public'"
                      + " and lower(data_type) in ('character varying', 'character')"
                      // H2 calls a text without bound a string of this length.
                      + " and character_maximum_length < 1000000000"
                      + " and lower(table_name) <> 'flyway_schema_history'")
              .query((row, _) -> new Column(row.getString("name"), row.getInt("length")))
              .list();
      assertThat(columns).extracting(Column::name).containsOnlyOnceElementsOf(LONGEST.keySet());
      assertThat(columns)
          .allSatisfy(
              column ->
                  assertThat(LONGEST)
                      .as("what bounds " + column.name())
                      .hasEntrySatisfying(
                          column.name(),
                          longest -> assertThat(column.length()).isGreaterThanOrEqualTo(longest)));
    }
  }
}
