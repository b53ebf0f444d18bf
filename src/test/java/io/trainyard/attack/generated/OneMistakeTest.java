package io.trainyard.attack.generated;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.attack.generated.OneMistake.Kind;
import io.trainyard.attack.generated.Plants.Plant;
import io.trainyard.crash.Draw;
import io.trainyard.error.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.node.ObjectNode;

/** One mistake in a valid body is one error, at the place of the mistake. */
@ServiceTest
class OneMistakeTest {
  private static final int COUNT = Integer.getInteger("generated.mistakes", 30);
  private static final long SEED = Long.getLong("generated.seed", 0);
  private static final String VALIDATE = "/v1/models:validate";

  private static final Draw OF_TABLES = new Draw(new SplittableRandom(3));
  private static final Tables TABLES = Tables.drawn(OF_TABLES);

  @Autowired private Http http;

  @BeforeAll
  static void prepare(@Autowired Http http) {
    TABLES.upload(http, OF_TABLES);
    RoutePlants.prepare(http);
  }

  /**
   * A valid body, and the operation that it is for.
   *
   * @param part the place of the body in what is sent
   */
  private record Valid(ObjectNode body, String part, Function<String, Http.Answer> send) {
    Valid(ObjectNode body, Function<String, Http.Answer> send) {
      this(body, "", send);
    }

    boolean isTaken() {
      return errors(body).isEmpty();
    }

    /** The errors of another body; none if it is valid. */
    List<Violation> errors(ObjectNode other) {
      Http.Answer answer = send.apply(other.toString());
      return answer
          .json()
          .path("errors")
          .valueStream()
          .map(
              error ->
                  new Violation(
                      error.path("pointer").asString("").substring(part.length()),
                      error.path("detail").asString("")))
          .toList();
    }
  }

  @Test
  void isOneError() {
    GeneratedJobs jobs = new GeneratedJobs(SEED + 5, TABLES);
    List<Valid> written = written();
    List<String> faults = new ArrayList<>();
    int told = 0;
    for (int number = 0; told < COUNT; number++) {
      Draw draw = new Draw(new SplittableRandom(SEED + number * 0x9E3779B97F4A7C15L));
      Valid valid =
          number % 4 == 0
              ? new Valid(jobs.get(number).body(), body -> http.post(VALIDATE, body))
              : draw.pick(written);
      Kind kind = draw.pick(List.of(Kind.values()));
      OneMistake mistake = OneMistake.draw(kind, valid.body(), draw);
      List<Violation> errors = mistake == null ? List.of() : valid.errors(mistake.body());
      // Some draw is as good as before, and some drawn job is none.
      if (mistake == null || errors.isEmpty() || (number % 4 == 0 && !valid.isTaken())) {
        continue;
      }
      told++;
      String fault = mistake.fault(errors);
      if (fault != null) {
        faults.add(
            "%s %s: %s of %s%n%s".formatted(kind, fault, mistake.at(), errors, mistake.body()));
      }
    }
    assertThat(faults).isEmpty();
  }

  /** Mistakes that are seldom or never drawn. */
  @Test
  void aWrittenMistakeIsOneError() {
    ObjectNode valid = JobPlants.all().getFirst().copy();
    Plants.set(valid, "/training/class_weights", "null");
    Plants.set(valid, "/dataset/split/stratify", "null");
    List<String> faults = new ArrayList<>();
    for (Plant mistake : mistakes()) {
      ObjectNode body = valid.deepCopy();
      mistake.plants().accept(body);
      List<Violation> errors = new Valid(body, text -> http.post(VALIDATE, text)).errors(body);
      if (errors.size() != 1 || !(errors.getFirst().pointer() + "/").startsWith(mistake.at())) {
        faults.add(mistake + ": " + errors);
      }
    }
    assertThat(faults).isEmpty();
  }

  private static List<Plant> mistakes() {
    String head = "/model/network/layers/3";
    return List.of(
        Plants.set("/model/targets/t", "{'column': 'constant', 'type': 'class'}"),
        Plant.of(
            "/model/targets/t",
            body -> ((ObjectNode) body.get("dataset")).put("where", "label = 'red'")),
        Plant.of("/modle", body -> body.set("modle", body.remove("model"))),
        Plant.of("/datasets", body -> body.set("datasets", body.remove("dataset"))),
        Plant.of(
            "/training/losss",
            body -> {
              ObjectNode training = (ObjectNode) body.get("training");
              training.set("losss", training.remove("loss"));
            }),
        Plants.set("/training/loss", "{'other': 1}"),
        Plants.set("/training/optimizer", "{'other': 1}"),
        Plants.set("/training/metrics", "['acuracy']"),
        Plants.set("/training", "'adam'"),
        Plants.set("/dataset", "'generated-mixed'"),
        Plants.set("/model", "7"),
        Plants.set("/model", "[]"),
        Plants.set("/model/network", "[]"),
        Plants.set("/model/inputs", "['n0']"),
        Plants.set("/model/inputs", "{'x': 'n0'}"),
        Plants.set("/model/network/layers/0/activation", "'rleu'"),
        Plants.set("/model/network/layers/0/type", "'desne'"),
        Plants.set(head + "/type", "'desne'"),
        Plants.set(head, "{'type': 'dense', 'unit': 3, 'activation': 'softmax'}"),
        Plants.set(head + "/activation", "'sofmax'"));
  }

  /** Bodies of all kinds. */
  private List<Valid> written() {
    List<Valid> all = new ArrayList<>();
    for (JobPlants.Base base : JobPlants.all()) {
      all.add(new Valid(base.copy(), body -> http.post(VALIDATE, body)));
    }
    for (RoutePlants.Route route : RoutePlants.all()) {
      // Those of other products have rules of their own.
      if (!route.path().endsWith(":convert") && !route.path().startsWith("/v2")) {
        all.add(new Valid(GeneratedJobs.object(route.body()), body -> route.send(http, body)));
      }
    }
    all.add(
        new Valid(
            GeneratedJobs.object(
                """
                {'on_error': 'skip', 'delimiter': ';', 'header': true, 'null_values': ['none'],
                 'types': {'a': 'number'}}
                """),
            "/options",
            body ->
                new Multipart()
                    .file("file", "rows.csv", Http.utf8("a;b\n1;2\n"))
                    .json("options", body)
                    .post(http, "/v1/datasets?name=one-mistake")));
    return all;
  }
}
