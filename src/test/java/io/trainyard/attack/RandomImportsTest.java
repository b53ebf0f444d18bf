package io.trainyard.attack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Random imports with up to three faults: each is accepted and answers a predict, or is refused
 * with the place of a fault. None makes the service fail, then or later.
 */
@ServiceTest
class RandomImportsTest {
  @Autowired private Http http;

  @Test
  @Timeout(120)
  void importsAnswerOrAreRefused() {
    check(0, 300);
  }

  @Test
  @Tag("attack")
  @Timeout(3_600)
  void manyImportsAnswerOrAreRefused() {
    check(1_000_000, Integer.getInteger("attack.requests", 20_000));
  }

  private void check(long first, int count) {
    List<String> wrong = new ArrayList<>();
    Map<Integer, Integer> statuses = new TreeMap<>();
    for (long seed = first; seed < first + count; seed++) {
      String model = "random-" + seed;
      int faults = (int) (seed % 4);
      RandomImport given = new RandomImport(seed, model);
      Answer answer = given.send(http, faults);
      statuses.merge(answer.status(), 1, Integer::sum);
      if (answer.status() != 201) {
        if (faults == 0 || answer.status() >= 500 || answer.pointers().isEmpty()) {
          wrong.add(seed + ": " + answer);
        }
        continue;
      }
      Answer predicted = http.post("/v1/models/" + model + "/predict", given.instances());
      boolean failed = predicted.status() >= 500 || (faults == 0 && predicted.status() != 200);
      if (failed) {
        wrong.add(seed + ": " + predicted);
      }
      assertThat(http.delete("/v1/models/" + model).status()).isEqualTo(204);
    }
    assertThat(wrong).isEmpty();
    // Both ends are met often.
    assertThat(statuses).hasEntrySatisfying(201, n -> assertThat(n).isGreaterThan(count / 4));
    assertThat(statuses).hasEntrySatisfying(422, n -> assertThat(n).isGreaterThan(count / 4));
  }
}
