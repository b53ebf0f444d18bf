package io.trainyard.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.process.DataFolder.Damage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A dataset and a version that nothing else uses. Their files may be damaged. A caller then gets an
 * error, or the true bytes, but never wrong ones.
 */
final class DamagedFiles {
  private static final String ROWS = "/v1/datasets/victim/versions/1/rows?page_size=500";
  private static final String WEIGHTS = "/v1/models/victim/versions/1/weights";

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path rowsFile;
  private final Path weightsFile;
  private final byte[] rows;
  private final byte[] weights;

  private DamagedFiles(Path rowsFile, Path weightsFile, byte[] rows, byte[] weights) {
    this.rowsFile = rowsFile;
    this.weightsFile = weightsFile;
    this.rows = rows;
    this.weights = weights;
  }

  /** Creates both. */
  static DamagedFiles make(Http http, DataFolder data) throws IOException {
    List<Path> others = data.files("datasets");
    http.upload("victim", JobTemplate.rows(100, 7));
    Path rowsFile =
        added(others, data.files("datasets")).stream()
            .filter(file -> file.toString().endsWith(".parquet"))
            .findFirst()
            .orElseThrow();
    List<Path> otherWeights = data.files("weights");
    http.await(http.submit(JobTemplate.DROPOUT.job("victim", "victim", 2)), Duration.ofSeconds(60));
    Path weightsFile = added(otherWeights, data.files("weights")).getFirst();
    return new DamagedFiles(
        rowsFile,
        weightsFile,
        http.get(ROWS).expect(200).bytes(),
        http.get(WEIGHTS).expect(200).bytes());
  }

  private static List<Path> added(List<Path> before, List<Path> after) {
    List<Path> added = new ArrayList<>(after);
    added.removeAll(before);
    return added;
  }

  void damageRows(FaultTargets at, Damage damage, Random random) throws IOException {
    harm(at, rowsFile, damage, random, ROWS, rows);
  }

  void damageWeights(FaultTargets at, Damage damage, Random random) throws IOException {
    harm(at, weightsFile, damage, random, WEIGHTS, weights);
  }

  private static void harm(
      FaultTargets at, Path file, Damage damage, Random random, String asked, byte[] truth)
      throws IOException {
    byte[] before = DataFolder.damage(file, damage, random);
    try {
      Http.Answer answer = answer(at.fleet(), random, asked);
      if (answer.status() == 200) {
        assertThat(answer.bytes()).as("%s of a file %s", asked, damage).isEqualTo(truth);
      } else {
        assertThat(answer.status()).as(answer.text()).isEqualTo(500);
        assertThat(answer.json().get("code").stringValue()).isEqualTo("corrupt_file");
        assertThat(answer.text()).contains("victim").doesNotContain("\\tat ");
      }
    } finally {
      at.data().repair(file, before);
    }
  }

  /** Asks random processes, because some may be away or without a database. */
  private static Http.Answer answer(Fleet fleet, Random random, String path) {
    Instant deadline = Instant.now().plus(PATIENCE);
    while (Instant.now().isBefore(deadline)) {
      try {
        Http.Answer answer = fleet.any(random).http().get(path);
        if (answer.status() != 503) {
          return answer;
        }
      } catch (RuntimeException away) {
        // the next one
      }
      Http.pause(Duration.ofMillis(200));
    }
    throw new AssertionError("nobody answered " + path);
  }
}
