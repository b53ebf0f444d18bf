package io.trainyard.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.access.AccessKeys;
import io.trainyard.access.KeyText;
import io.trainyard.access.Scope;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
  private record Operation(String method, String path, String type) {}

  /** A caller, and its scope; null: its key is missing, unknown or expired. */
  private record Caller(Http http, @Nullable Scope scope) {}

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
    assertThat(RULES.find("PATCH", "/v1/models/{model}")).isNull();
  }

  @Test
  void everyOperationAsksEveryCallerForItsScope() {
    Map<String, Caller> callers = callers();
    List<Operation> operations = documented();
    assertThat(operations).hasSizeGreaterThan(80);
    for (Operation operation : operations) {
      Set<Scope> any = expected(operation);
      callers.forEach(
          (name, caller) -> {
            Answer answer = call(caller.http(), operation);
            String what = "%s with %s: %s".formatted(operation, name, answer);
            if (any.isEmpty()) {
              assertThat(answer.status()).as(what).isNotIn(401, 403, 429);
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
    callers.put("an unknown key", new Caller(as(KeyText.random()), null));
    callers.put("no known text", new Caller(as("secret"), null));
    for (Scope scope : Scope.values()) {
      callers.put(scope.word(), new Caller(with(scope), scope));
    }
    callers.put("an expired key", new Caller(as(expiredKey()), null));
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
          http.send(operation.method(), path, Http.utf8("[]"), "Content-Type", operation.type());
    };
  }

  /** What the contract says, apart from the table. */
  private static Set<Scope> expected(Operation operation) {
    String path = operation.path();
    boolean reads = operation.method().equals("GET");
    if (path.equals("/")
        || path.equals("/livez")
        || path.equals("/readyz")
        || path.startsWith("/docs")
        || path.startsWith("/v1/schema")
        || path.startsWith("/v2/health/")) {
      return Set.of();
    }
    if (path.matches("/v1/(keys|audit|backup|restore)(/.*)?")) {
      return Set.of(Scope.ADMIN);
    }
    if (path.matches(".*([:/]predict|/infer)")) {
      return Set.of(Scope.PREDICT);
    }
    if (path.matches("/v2/?|/v2/models/\\{model}(/versions/\\{version})?(/ready)?")) {
      return Set.of(Scope.READ, Scope.PREDICT);
    }
    if (reads || path.matches(".*(:validate|:convert|/evaluation|/plots|/repository/index)")) {
      return Set.of(Scope.READ);
    }
    if (path.matches("/v1/(datasets|samples).*")) {
      return Set.of(Scope.DATASETS_WRITE);
    }
    if (path.contains("/aliases")) {
      return Set.of(Scope.ALIASES_WRITE);
    }
    return path.matches("/v1/(jobs|sweeps|batch-predictions).*")
        ? Set.of(Scope.JOBS_WRITE)
        : Set.of(Scope.MODELS_WRITE);
  }
}
