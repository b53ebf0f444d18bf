package io.trainyard.attack.generated;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.attack.generated.OneMistake.Kind;
import io.trainyard.crash.Draw;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One mistake in a valid body is one error, at the place of the mistake. */
@ServiceTest
class OneMistakeTest {
  private static final int COUNT = Integer.getInteger("generated.mistakes", 30);
  private static final long SEED = Long.getLong("generated.seed", 0);
  private static final String VALIDATE = "/v1/models:validate";

  @Autowired private Http http;

  @Test
  void isOneErrorOfAJob() {
    Draw tablesDraw = new Draw(new SplittableRandom(3));
    Tables tables = Tables.drawn(tablesDraw);
    tables.upload(http, tablesDraw);
    GeneratedJobs jobs = new GeneratedJobs(SEED + 5, tables);
    List<String> faults = new ArrayList<>();
    long job = 0;
    int told = 0;
    for (int number = 0; told < COUNT; number++) {
      Draw draw = new Draw(new SplittableRandom(SEED + number * 0x9E3779B97F4A7C15L));
      ObjectNode body;
      if (number % 2 == 0) {
        body = draw.pick(JobPlants.all()).copy();
      } else {
        body = jobs.get(job++).body();
        if (!isValid(body)) {
          continue;
        }
      }
      Kind kind = Kind.values()[number / 2 % Kind.values().length];
      OneMistake mistake = OneMistake.draw(kind, body, draw);
      if (mistake == null) {
        continue;
      }
      JsonNode answer = http.post(VALIDATE, mistake.body().toString()).json();
      if (answer.path("valid").asBoolean(false)) {
        continue;
      }
      told++;
      String fault = mistake.fault(answer.path("errors"));
      if (fault != null) {
        faults.add(
            "%s %s: %s of %s%n%s".formatted(mistake.kind(), fault, mistake.at(), answer.path("errors"), mistake.body()));
        System.out.println("FAULT " + faults.getLast());
      }
    }
    System.out.println("FAULTS " + faults.size() + " of " + told);
    assertThat(faults).isEmpty();
  }

  private boolean isValid(ObjectNode body) {
    return http.post(VALIDATE, body.toString()).json().path("valid").asBoolean(false);
  }
}
