package io.trainyard.store.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.encoding.Decision;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.dataset.prepare.SkippedRows;
import io.trainyard.job.JobState;
import io.trainyard.job.JobState.Name;
import io.trainyard.model.DefaultVersion;
import io.trainyard.store.database.Json;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EnsembleMember;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.LearningRateCurve;
import io.trainyard.train.Progress;
import io.trainyard.train.StopReason;
import io.trainyard.train.metric.BaselineMetrics;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What kept data folders contain of jobs. The texts here are fixed: when one of these tests fails,
 * change the code, not the text.
 */
class StoredJobTest {
  private static final String EPOCH =
      """
      {"epoch":3,"phase":null,"loss":0.25,"val_loss":"Infinity","accuracy":"NaN",\
      "learning_rate":0.01,"seconds":1.5}\
      """;
  private static final String PROGRESS =
      """
      {"phase":"warm","epoch":3,"epochs":10,"step":7,"steps_per_epoch":20,"fraction":0.235,\
      "eta_seconds":null,"rows_per_second":100.0}\
      """;
  private static final String RESULT =
      """
      {"model":"iris","version":4,"alias":{"name":"best","moved":false,"reason":"too bad"},\
      "serving":{"alias":"production","version":1}}\
      """;
  private static final String FAILURE =
      """
      {"code":"non_finite_loss","detail":"The loss is NaN","epoch":2,"step":17,"layer":"fc1"}\
      """;
  private static final String POSITION =
      """
      {"epochs":3,"optimizer_steps":60,"threads":2,"elapsed_seconds":4.5,"best":%s,"stale":1,\
      "stopping_best":"0.25","notes":["a note"]}\
      """
          .formatted(EPOCH);

  @Test
  void epochsKeepTheirFormat() {
    assertThat(epoch().toJson().toString()).isEqualTo(EPOCH);
    assertThat(StoredMeasurements.epoch(Json.read(EPOCH))).isEqualTo(epoch());
  }

  @Test
  void layersKeepTheirFormat() {
    EpochRecord epoch =
        new EpochRecord(
            3,
            "",
            epoch().values(),
            0.01,
            1.5,
            Map.of("fc", Map.of("weight_norm", 2.5)),
            Map.of(),
            Map.of());
    String stored =
        EPOCH.substring(0, EPOCH.length() - 1) + ",\"layers\":{\"fc\":{\"weight_norm\":2.5}}}";
    assertThat(epoch.toJson().toString()).isEqualTo(stored);
    assertThat(StoredMeasurements.epoch(Json.read(stored))).isEqualTo(epoch);
  }

  @Test
  void theBaselineIsStored() {
    Map<String, @Nullable Double> metrics = new LinkedHashMap<>();
    metrics.put("accuracy", 0.25);
    metrics.put("auc", null);
    var trained =
        new JobState.Succeeded(
            null,
            null,
            new BaselineMetrics(Part.VALIDATION, 30, metrics, Map.of("auc", "why")),
            null);
    String stored =
        "{\"baseline\":{\"part\":\"validation\",\"rows\":30,\"metrics\":{\"accuracy\":0.25,\"auc\":null},\"notes\":{\"auc\":\"why\"}}}";
    assertThat(StoredEnding.write(trained)).isEqualTo(stored);
    assertThat(StoredEnding.succeeded(Json.read(stored))).isEqualTo(trained);
  }

  @Test
  void whatCouldNotBeComputedKeepsItsReason() {
    EpochRecord epoch =
        new EpochRecord(
            3,
            "",
            Map.of("auc", Double.NaN),
            0.01,
            1.5,
            Map.of(),
            Map.of(),
            Map.of("auc", "one class"));
    String stored = epoch.toJson().toString();
    assertThat(stored).contains("\"auc\":null", "\"metric_notes\":{\"auc\":\"one class\"}");
    assertThat(StoredMeasurements.epoch(Json.read(stored))).isEqualTo(epoch);
  }

  @Test
  void learningRatesKeepTheirFormat() {
    var curve = new LearningRateCurve(0.1, List.of(new LearningRateCurve.Point(0.01, 2.5)));
    var searched = new JobState.Succeeded(null, curve);
    String stored = "{\"points\":[[0.01,2.5]],\"suggestion\":0.1}";
    assertThat(StoredEnding.write(searched)).isEqualTo(stored);
    assertThat(StoredEnding.succeeded(Json.read(stored))).isEqualTo(searched);
    var trained = new JobState.Succeeded(StoredEnding.result(Json.read(RESULT)), curve);
    String both = RESULT.substring(0, RESULT.length() - 1) + "," + stored.substring(1);
    assertThat(StoredEnding.write(trained)).isEqualTo(both);
    assertThat(StoredEnding.succeeded(Json.read(both))).isEqualTo(trained);
  }

  private static EpochRecord epoch() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", 0.25);
    values.put("val_loss", Double.POSITIVE_INFINITY);
    values.put("accuracy", Double.NaN);
    return new EpochRecord(3, "", values, 0.01, 1.5);
  }

  @Test
  void progressKeepsItsFormat() {
    assertThat(progress().toJson().toString()).isEqualTo(PROGRESS);
    assertThat(StoredMeasurements.progress(Json.read(PROGRESS))).isEqualTo(progress());
  }

  private static Progress progress() {
    return new Progress("warm", 3, 10, 7, 20, 0.235, Double.NaN, 100);
  }

  @Test
  void endingsKeepTheirFormat() {
    var result =
        new JobState.Result(
            "iris",
            4,
            new JobState.AliasMove("best", false, "too bad"),
            new DefaultVersion("production", 1));
    assertThat(StoredEnding.write(new JobState.Succeeded(result))).isEqualTo(RESULT);
    assertThat(StoredEnding.result(Json.read(RESULT))).isEqualTo(result);
    String withoutAlias = "{\"model\":\"iris\",\"version\":4,\"alias\":null}";
    assertThat(StoredEnding.result(Json.read(withoutAlias)))
        .as("of an earlier release")
        .isEqualTo(new JobState.Result("iris", 4, null, null));
    var predicted =
        new JobState.Succeeded(new JobState.PredictedDataset("scored", 2, 150, null, Map.of()));
    String stored = "{\"dataset\":\"scored\",\"version\":2,\"rows\":150}";
    assertThat(StoredEnding.write(predicted)).isEqualTo(stored);
    assertThat(StoredEnding.succeeded(Json.read(stored))).isEqualTo(predicted);
    var skipped =
        new JobState.Skipped(2, List.of(new SkippedRows.Reason(7, "city", "it is unknown")));
    var rule = Map.of("churn", new Decision.Named("yes", 0.3, null));
    var partly =
        new JobState.Succeeded(new JobState.PredictedDataset("scored", 2, 150, skipped, rule));
    String named =
        "{\"dataset\":\"scored\",\"version\":2,\"rows\":150,\"skipped_rows\":2,"
            + "\"skipped\":[{\"row\":7,\"column\":\"city\",\"detail\":\"it is unknown\"}],"
            + "\"decisions\":{\"churn\":{\"positive\":\"yes\",\"threshold\":0.3}}}";
    assertThat(StoredEnding.write(partly)).isEqualTo(named);
    assertThat(StoredEnding.succeeded(Json.read(named))).isEqualTo(partly);
    var failure = new JobState.Failure("non_finite_loss", "The loss is NaN", 2, 17L, "fc1");
    assertThat(StoredEnding.write(new JobState.Failed(failure))).isEqualTo(FAILURE);
    assertThat(StoredEnding.failure(Json.read(FAILURE))).isEqualTo(failure);
    assertThat(StoredEnding.write(new JobState.Cancelled())).isNull();
  }

  @Test
  void positionsOfCheckpointsKeepTheirFormat() {
    var position =
        new Checkpoint.Position(3, 60, 2, 4.5, epoch(), null, 1, 0.25, List.of("a note"), null);
    assertThat(StoredPosition.write(position)).isEqualTo(POSITION);
    assertThat(StoredPosition.read(POSITION)).isEqualTo(position);
  }

  @Test
  void positionsInPhasesKeepTheirFormat() {
    var place = new Checkpoint.Place(1, 2, 7, List.of(5, 2), epoch());
    var position = new Checkpoint.Position(8, 60, 2, 4.5, null, null, 0, null, List.of(), place);
    String stored = StoredPosition.write(position);
    assertThat(stored)
        .contains("\"place\":{\"phase\":1,\"repeat\":2,\"before\":7,\"trained\":[5,2],\"best\":{");
    assertThat(StoredPosition.read(stored)).isEqualTo(position);
  }

  @Test
  void positionsAmongMembersKeepTheirFormat() {
    var member = new EnsembleMember(1, 7, 80, 20, 5, StopReason.EARLY_STOPPING, epoch(), epoch());
    var position =
        new Checkpoint.Position(
            0, 0, 2, 4.5, null, null, 0, null, List.of(), null, List.of(member));
    String stored = StoredPosition.write(position);
    assertThat(stored)
        .contains(
            "\"members\":[{\"fold\":1,\"seed\":7,\"training_rows\":80,\"validation_rows\":20,"
                + "\"epochs\":5,\"stop_reason\":\"early_stopping\",\"best\":{");
    assertThat(StoredPosition.read(stored)).isEqualTo(position);
  }

  @Test
  void statesAndReasonsKeepTheirFormat() {
    assertThat(Arrays.stream(Name.values()).map(Name::word))
        .containsExactly("queued", "running", "succeeded", "failed", "cancelled");
    assertThat(Arrays.stream(StopReason.values()).map(StopReason::code))
        .containsExactly(
            "epochs",
            "goal",
            "early_stopping",
            "max_fail",
            "min_gradient",
            "mu_max",
            "time_limit",
            "stopped");
  }
}
