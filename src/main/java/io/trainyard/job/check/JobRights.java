package io.trainyard.job.check;

import io.trainyard.access.Identity;
import io.trainyard.access.Scope;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** The rights that a job's body needs beside the scope that starts jobs. */
public final class JobRights {
  private JobRights() {}

  /**
   * One of these rights.
   *
   * @param pointer the member that needs it
   * @param requirement refuses a caller who lacks it
   */
  private record Right(String pointer, Consumer<Identity> requirement) {}

  /** What a body asks for beside the job needs the scope that asking for it alone needs. */
  private static List<Right> scopes(JsonNode body) {
    List<Right> rights = new ArrayList<>();
    if (body.path("model").isObject()) {
      rights.add(
          new Right(
              "/model",
              caller ->
                  caller.require(
                      Set.of(Scope.MODELS_WRITE), "A job with a model object, which is stored,")));
    }
    if (body.has("on_success")) {
      rights.add(
          new Right(
              "/on_success",
              caller -> caller.require(Set.of(Scope.ALIASES_WRITE), "A job that moves an alias")));
    }
    return rights;
  }

  private static List<Right> values(JsonNode body) {
    int priority = body.path("priority").asInt(0);
    JsonNode name = body.path("model").path("name");
    List<Right> rights = new ArrayList<>();
    rights.add(new Right("/priority", caller -> caller.requirePriority(priority)));
    if (name.isString()) {
      rights.add(new Right("/model/name", caller -> caller.requireModel(name.stringValue())));
    }
    return rights;
  }

  /**
   * Refuses a caller who lacks one of them.
   *
   * @throws ServiceException FORBIDDEN
   */
  public static void require(JsonNode body) {
    Identity caller = Identity.current();
    scopes(body).forEach(right -> right.requirement().accept(caller));
    values(body).forEach(right -> right.requirement().accept(caller));
  }

  /**
   * Adds a violation for each that the caller lacks. One who may start no jobs at all checks a body
   * for somebody else, whose scopes are not known.
   */
  static void check(JsonNode body, Violations violations) {
    Identity caller = Identity.current();
    List<Right> rights = values(body);
    if (caller.has(Scope.JOBS_WRITE)) {
      rights.addAll(scopes(body));
    }
    for (Right right : rights) {
      try {
        right.requirement().accept(caller);
      } catch (ServiceException e) {
        violations.add(right.pointer(), String.valueOf(e.getMessage()));
      }
    }
  }
}
