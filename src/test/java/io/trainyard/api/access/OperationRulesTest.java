package io.trainyard.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.Rights;
import io.trainyard.access.AccessKeys;
import io.trainyard.access.KeyText;
import io.trainyard.access.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/** Every operation with every kind of caller. */
@Timeout(120)
class OperationRulesTest extends KeyedService {
  private static final OperationRules RULES = new OperationRules();
  private static final List<Rights> RIGHTS = Rights.all();

  /** No handler of ours answers these. */
  private static final Set<String> PLATFORM =
      Set.of("/livez", "/readyz", "/actuator/prometheus", "/actuator/info");

  @Autowired
  @Qualifier("requestMappingHandlerMapping")
  private RequestMappingHandlerMapping handlers;

  @Autowired private JdbcClient jdbc;
  @Autowired private AccessKeys keys;

  /**
   * One operation.
   *
   * @param type of its body; "": it has none
   */
  private record Operation(String method, String path, String type) {
    String name() {
      return method + " " + path;
    }
  }

  /** A caller, and its scope; null: its key is missing, unknown or expired. */
  private record Caller(Http http, @Nullable Scope scope, boolean wrong) {
    Caller(Http http, @Nullable Scope scope) {
      this(http, scope, false);
    }
  }

  @Test
  void everyHandlerHasARule() {
    List<String> without = new ArrayList<>();
    handlers
        .getHandlerMethods()
        .forEach(
            (mapping, handler) -> {
              if (!handler.getBeanType().getName().startsWith("io.trainyard.")) {
                return;
              }
              for (String pattern : mapping.getPatternValues()) {
                for (RequestMethod method : mapping.getMethodsCondition().getMethods()) {
                  if (!pattern.startsWith("/probe/")
                      && RULES.find(method.name(), pattern) == null) {
                    without.add(method + " " + pattern);
                  }
                }
              }
            });
    assertThat(without).isEmpty();
    assertThat(RULES.find("GET", "/v1/unheard")).isNull();
    assertThat(RULES.find("PATCH", "/v1/models/{model}/serving")).isNull();
  }

  @Test
  void everyOperationAsksEveryCallerForItsScope() {
    Map<String, Caller> callers = callers();
    List<Operation> operations = all();
    assertThat(operations).hasSizeGreaterThan(100);
    for (Operation operation : operations) {
      Set<Scope> any = expected(operation.name()).getFirst().any();
      callers.forEach(
          (name, caller) -> {
            Answer answer = call(caller.http(), operation);
            String what = "%s with %s: %s".formatted(operation, name, answer);
            if (operation.path().equals("/v1/me") && caller.wrong()) {
              assertThat(answer.status()).as(what).isEqualTo(401);
            } else if (any.isEmpty()) {
              assertThat(answer.status()).as(what).isNotIn(401, 403, 429);
            } else if (name.equals("a token for nothing")) {
              assertThat(answer.status()).as(what).isEqualTo(403);
            } else if (caller.scope() == null) {
              assertThat(answer.status()).as(what).isEqualTo(401);
              assertThat(answer.header("WWW-Authenticate")).as(what).startsWith("Bearer realm=");
            } else if (any.contains(caller.scope()) || caller.scope() == Scope.ADMIN) {
              assertThat(answer.status()).as(what).isNotIn(401, 403, 429);
            } else {
              assertThat(answer.status()).as(what).isEqualTo(403);
              assertThat(answer.text()).as(what).contains("needs the scope " + word(any));
            }
            if (answer.status() == 401 || answer.status() == 403) {
              assertThat(answer.json().has(isInference(operation) ? "error" : "code"))
                  .as(what)
                  .isTrue();
            }
          });
    }
  }

  private static String word(Set<Scope> any) {
    return EnumSet.copyOf(any).iterator().next().word();
  }

  private static boolean isInference(Operation operation) {
    return operation.path().startsWith("/v2");
  }

  private Map<String, Caller> callers() {
    Map<String, Caller> callers = new LinkedHashMap<>();
    callers.put("no key", new Caller(nobody(), null));
    callers.put("an unknown key", new Caller(as(KeyText.random()), null, true));
    callers.put("no known text", new Caller(as("secret"), null, true));
    for (Scope scope : Scope.values()) {
      callers.put(scope.word(), new Caller(with(scope), scope));
      callers.put(
          "a token for " + scope.word(),
          new Caller(as(token(scope.word(), List.of("*"), List.of("*"))), scope));
    }
    callers.put("a token for nothing", new Caller(as(token("", List.of(), List.of())), null));
    callers.put("an expired key", new Caller(as(expiredKey()), null, true));
    return callers;
  }

  private String expiredKey() {
    JsonNode made = makeKey("\"scopes\": [\"admin\"], \"expires_at\": \"2100-01-01T00:00:00Z\"");
    String key = made.get("key").stringValue();
    as(key).get("/v1/keys").expect(200);
    jdbc.sql("update access_keys set expires_at = created_at where id = :id")
        .param("id", made.get("id").stringValue())
        .update();
    keys.read();
    assertThat(as(key).get("/v1/keys").text()).contains("expired at");
    return key;
  }

  private List<Operation> documented() {
    List<Operation> operations = new ArrayList<>();
    for (var path : nobody().get("/v3/api-docs").json().get("paths").properties()) {
      for (String method : path.getValue().propertyNames()) {
        if (!path.getKey().startsWith("/probe/")) {
          JsonNode content = path.getValue().get(method).at("/requestBody/content");
          operations.add(
              new Operation(
                  method.toUpperCase(Locale.ROOT),
                  path.getKey(),
                  content.propertyStream().map(Map.Entry::getKey).findFirst().orElse("")));
        }
      }
    }
    return operations;
  }

  /** Nothing has these names, so nothing happens where a call is allowed. */
  private static Answer call(Http http, Operation operation) {
    String path = operation.path().replaceAll("\\{\\*?[^}]*}", "none");
    return send(http, operation, path, "[]");
  }

  private static Answer send(Http http, Operation operation, String path, String body) {
    return switch (operation.type()) {
      case "" -> http.send(operation.method(), path, new byte[0]);
      case "multipart/form-data" ->
          http.send(
              operation.method(),
              path,
              Http.utf8("--x--\r\n"),
              "Content-Type",
              "multipart/form-data; boundary=x");
      default ->
          http.send(operation.method(), path, Http.utf8(body), "Content-Type", operation.type());
    };
  }

  /** An operation that has no line in the table has no expected answer. */
  private static List<Rights> expected(String operation) {
    List<Rights> lines =
        RIGHTS.stream().filter(each -> each.operation().equals(operation)).toList();
    assertThat(lines).as("the line of %s in rights.txt", operation).isNotEmpty();
    return lines;
  }

  /**
   * Those of the table that the document leaves out are other spellings, pages and measurements.
   */
  private List<Operation> all() {
    List<Operation> all = documented();
    Set<String> known = all.stream().map(Operation::name).collect(Collectors.toSet());
    for (Rights line : RIGHTS) {
      if (!line.method().equals(Rights.GRPC) && known.add(line.operation())) {
        all.add(
            new Operation(
                line.method(), line.path(), line.method().equals("GET") ? "" : "application/json"));
      }
    }
    return all;
  }

  @Test
  void tableHasNoOtherOperations() {
    Set<String> known = documented().stream().map(Operation::name).collect(Collectors.toSet());
    handlers
        .getHandlerMethods()
        .keySet()
        .forEach(
            mapping -> {
              for (RequestMethod method : mapping.getMethodsCondition().getMethods()) {
                mapping.getPatternValues().forEach(path -> known.add(method + " " + path));
              }
            });
    assertThat(
            RIGHTS.stream()
                .filter(line -> !line.method().equals(Rights.GRPC))
                .filter(line -> !PLATFORM.contains(line.path()))
                .map(Rights::operation)
                .filter(operation -> !known.contains(operation)))
        .isEmpty();
  }

  /** A dataset, a model with a version and an alias, a job and a sweep. */
  private record Things(String name, String job, String sweep) {
    static final Things NOBODYS =
        new Things(
            "zz-nobody",
            "01900000-0000-7000-8000-000000000000",
            "01900000-0000-7000-8000-000000000001");

    static Things of(Http http, String name) {
      http.post("/v1/datasets?name=" + name, "text/csv", Http.utf8(ROWS)).expect(201);
      String job =
          """
          {"model": %s, "dataset": {"name": "%s"%s},
           "training": {"loss": "binary_crossentropy", "epochs": 1}}\
          """;
      String model =
          """
          {"name": "%s", "inputs": {"x": {"columns": ["x1", "x2"]}},
            "targets": {"y": {"column": "y", "type": "class"}},
            "network": {"layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]}}\
          """
              .formatted(name);
      JsonNode trained = http.train(job.formatted(model, name, ""));
      http.put("/v1/models/" + name + "/aliases/production", "{\"version\": 1}").expect(200);
      String sweep =
          http.post(
                  "/v1/sweeps",
                  "{\"job\": %s, \"parameters\": {\"/training/batch_size\": [1, 2]}}"
                      .formatted(
                          job.formatted(
                              "\"" + name + "\"", name, ", \"split\": {\"validation\": 0.5}")))
              .expect(202)
              .json()
              .get("id")
              .stringValue();
      return new Things(name, trained.get("id").stringValue(), sweep);
    }

    /** A body that names these things. */
    String fill(String body) {
      return body.replace("zz-theirs", name).replace("JOB", job);
    }

    String path(String path) {
      return path.replace("{model}", name)
          .replace("{kind}", "confusion")
          .replace("{job}", job)
          .replace("{sweep}", sweep)
          .replace("{alias}", "production")
          .replace("{version}", "1")
          .replace("{dataset}", name)
          .replace("{sample}", "iris")
          .replaceAll("\\{\\*?[^}]*}", "none");
    }

    /** A text without these names, to compare it with that of other things. */
    String without(String text) {
      return text.replace(name, "NAME")
          .replace(job, "JOB")
          .replace(sweep, "SWEEP")
          .replaceAll("\"request_id\":\"[^\"]*\"", "");
    }
  }

  private static final String ROWS = "x1,x2,y\n" + "0,0,0\n0,1,1\n1,0,1\n1,1,0\n".repeat(3);

  /**
   * A key that is bound to other models, or to other datasets, gets what the table says, and in the
   * same words for what nobody has.
   */
  @Test
  void everyOperationKeepsToWhatAKeyIsBoundTo() {
    Things.of(admin(), "zz-mine");
    Things theirs = Things.of(admin(), "zz-theirs");
    Map<String, Operation> operations = new HashMap<>();
    all().forEach(each -> operations.put(each.name(), each));
    List<Http> ofModels = bound("models");
    List<Http> ofDatasets = bound("datasets");
    SoftAssertions all = new SoftAssertions();
    for (Rights line : RIGHTS) {
      if (!line.method().equals(Rights.GRPC)) {
        Operation operation = Objects.requireNonNull(operations.get(line.operation()));
        for (Http caller : ofModels) {
          check(caller, line.models(), line, operation, theirs, all);
        }
        for (Http caller : ofDatasets) {
          check(caller, line.datasets(), line, operation, theirs, all);
        }
      }
    }
    all.assertAll();
  }

  /** A key that is bound, and a token. */
  private List<Http> bound(String kind) {
    List<String> scopes =
        Arrays.stream(Scope.values()).filter(s -> s != Scope.ADMIN).map(Scope::word).toList();
    List<String> mine = List.of("zz-mine*");
    List<String> all = List.of("*");
    boolean models = kind.equals("models");
    return List.of(
        as(
            makeKey(
                    "\"scopes\": [\"%s\"], \"%s\": [\"zz-mine*\"]"
                        .formatted(String.join("\", \"", scopes), kind))
                .get("key")
                .stringValue()),
        as(token(String.join(" ", scopes), models ? mine : all, models ? all : mine)));
  }

  private static void check(
      Http caller,
      String expected,
      Rights line,
      Operation operation,
      Things theirs,
      SoftAssertions all) {
    if (expected.equals("-")) {
      return;
    }
    Answer answer = call(caller, operation, line.body(), theirs, theirs);
    String what = "%s: %s".formatted(line, answer);
    if (expected.equals("own")) {
      all.assertThat(answer.status()).as(what).isEqualTo(200);
      all.assertThat(answer.text()).as(what).doesNotContain("zz-theirs");
      return;
    }
    // A body that names a dataset, for a model that is there.
    boolean isThere = line.models().equals("-") && operation.path().contains("{model}");
    Answer nobodys =
        call(caller, operation, line.body(), isThere ? theirs : Things.NOBODYS, Things.NOBODYS);
    all.assertThat(answer.status()).as(what).isEqualTo(Integer.parseInt(expected));
    all.assertThat(theirs.without(answer.text()))
        .as(what)
        .isEqualTo(theirs.without(Things.NOBODYS.without(nobodys.text())));
  }

  private static Answer call(
      Http http, Operation operation, String body, Things named, Things things) {
    String path = named.path(operation.path());
    if (body.startsWith("?") && operation.type().isEmpty()) {
      return http.send(operation.method(), path + things.fill(body), new byte[0]);
    }
    if (body.startsWith("?")) {
      return http.send(
          operation.method(),
          path + things.fill(body),
          Http.utf8("a\n1\n"),
          "Content-Type",
          operation.type());
    }
    return operation.type().isEmpty()
        ? http.send(operation.method(), path, new byte[0])
        : send(http, operation, path, body.isEmpty() ? "[]" : things.fill(body));
  }

  /** What a key is bound to is as open to it as to an administrator. */
  @Test
  void boundKeyReadsItsOwn() {
    Things mine = Things.of(admin(), "zz-mine-too");
    admin().await("/v1/jobs/" + mine.sweep());
    Http caller =
        as(
            makeKey(
                    "\"scopes\": [\"read\"], \"models\": [\"zz-mine*\"], \"datasets\":"
                        + " [\"zz-mine-too\"]")
                .get("key")
                .stringValue());
    for (Operation operation : documented()) {
      boolean reads =
          expected(operation.method() + " " + operation.path())
              .getFirst()
              .any()
              .contains(Scope.READ);
      if (operation.method().equals("GET") && reads) {
        String path = mine.path(operation.path());
        assertThat(caller.get(path).status()).as(path).isEqualTo(admin().get(path).status());
      }
    }
  }
}
