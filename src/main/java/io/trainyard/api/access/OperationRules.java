package io.trainyard.api.access;

import io.trainyard.access.Scope;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which scope each operation needs. One that is not here is refused to everyone but administrators,
 * and fails the build.
 */
public final class OperationRules {
  /** Scopes (any of them), method, path, and which quota the operation uses. */
  private static final String TABLE =
      """
      open              GET     /
      open              GET     /livez
      open              GET     /readyz
      open              GET     /docs
      open              GET     /favicon.ico
      open              GET     /docs.md
      open              GET     /docs/search
      open              GET     /docs/assets/{file}
      open              GET     /docs/reference/plots/{file}
      open              GET     /docs/pictures/{file}
      open              GET     /docs/overview.svg
      open              GET     /docs/inference.proto
      open              GET     /docs/{name}
      open              GET     /docs/{folder}/{name}
      open              GET     /console
      open              GET     /console/
      open              GET     /console/{*page}
      open              GET     /console/files/{version}/{*file}
      open              GET     /docs/api
      open              GET     /docs/api/start.js
      open              GET     /docs/api/{file}
      open              GET     /v3/api-docs
      open              GET     /v1/schema/{schema}
      open              GET     /v2/health/live
      open              GET     /v2/health/ready
      open              GET     /v1/me

      read              GET     /v1/samples
      datasets:write    POST    /v1/samples/{sample}                           stores
      read              GET     /v1/datasets
      datasets:write    POST    /v1/datasets                                   stores
      read              GET     /v1/datasets/{dataset}
      datasets:write    PATCH   /v1/datasets/{dataset}
      read              GET     /v1/datasets/{dataset}/versions
      read              GET     /v1/datasets/{dataset}/versions/{version}
      datasets:write    PATCH   /v1/datasets/{dataset}/versions/{version}
      datasets:write    DELETE  /v1/datasets/{dataset}/versions/{version}
      read              GET     /v1/datasets/{dataset}/versions/{version}/rows
      read              GET     /v1/datasets/{dataset}/versions/{version}/profile
      read              GET     /v1/datasets/{dataset}/versions/{version}/rejects
      read              GET     /v1/datasets/{dataset}/versions/{version}/content

      read              POST    /v1/models:validate
      read              POST    /v1/models:convert
      read              GET     /v1/recipes
      read              GET     /v1/models
      models:write      POST    /v1/models
      read              GET     /v1/models/{model}
      models:write      PUT     /v1/models/{model}
      models:write      PATCH   /v1/models/{model}
      models:write      DELETE  /v1/models/{model}
      read              GET     /v1/models/{model}/summary
      read              GET     /v1/models/{model}/graph
      read              GET     /v1/models/{model}/serving
      models:write      PUT     /v1/models/{model}/serving
      read              GET     /v1/models/{model}/versions
      models:write      POST    /v1/models/{model}/versions                    stores
      read              GET     /v1/models/{model}/versions/{version}
      models:write      PATCH   /v1/models/{model}/versions/{version}
      models:write      DELETE  /v1/models/{model}/versions/{version}
      models:write      POST    /v1/models/{model}/versions/{version}:load
      models:write      POST    /v1/models/{model}/versions/{version}:unload
      models:write      POST    /v1/models/{model}/versions/{version}:pin
      models:write      POST    /v1/models/{model}/versions/{version}:unpin
      read              GET     /v1/models/{model}/versions/{version}/weights
      read              GET     /v1/models/{model}/versions/{version}/weights/{tensor}
      read              GET     /v1/models/{model}/versions/{version}/matlab
      read              GET     /v1/models/{model}/versions/{version}/collapsed
      read              GET     /v1/models/{model}/versions/{version}/onnx
      read              GET     /v1/models/{model}/versions/{version}/archive
      read              POST    /v1/models/{model}/versions/{version}/evaluation
      read              POST    /v1/models/{model}/versions/{version}/plots

      read              GET     /v1/models/{model}/aliases
      read              GET     /v1/models/{model}/aliases/{alias}
      aliases:write     PUT     /v1/models/{model}/aliases/{alias}
      aliases:write     DELETE  /v1/models/{model}/aliases/{alias}
      read              GET     /v1/models/{model}/aliases/{alias}/history
      aliases:write     POST    /v1/models/{model}/aliases/{alias}/rollback

      read              GET     /v1/jobs
      jobs:write        POST    /v1/jobs                                       queues
      read              GET     /v1/jobs/{job}
      jobs:write        PATCH   /v1/jobs/{job}
      jobs:write        DELETE  /v1/jobs/{job}
      jobs:write        POST    /v1/jobs/{job}/cancel
      jobs:write        POST    /v1/jobs/{job}/stop
      jobs:write        POST    /v1/jobs/{job}/retry                           queues
      read              GET     /v1/jobs/{job}/spec
      read              GET     /v1/jobs/{job}/metrics
      read              GET     /v1/jobs/{job}/frames
      read              GET     /v1/jobs/{job}/events
      read              GET     /v1/events
      read              GET     /v1/jobs/{job}/evaluation
      read              GET     /v1/jobs/{job}/plots/{kind}
      jobs:write        POST    /v1/batch-predictions                          queues
      read              GET     /v1/sweeps
      jobs:write        POST    /v1/sweeps                                     queues
      read              GET     /v1/sweeps/{sweep}
      jobs:write        PATCH   /v1/sweeps/{sweep}
      jobs:write        DELETE  /v1/sweeps/{sweep}
      jobs:write        POST    /v1/sweeps/{sweep}/cancel
      jobs:write        POST    /v1/sweeps/{sweep}/stop
      jobs:write        POST    /v1/sweeps/{sweep}/retry                       queues
      read              GET     /v1/sweeps/{sweep}/events

      predict           POST    /v1/models/{model}/predict
      predict           POST    /v1/models/{model}:predict
      predict           POST    /v1/models/{model}/versions/{version}/predict
      predict           POST    /v1/models/{model}/versions/{version}:predict
      predict           POST    /v1/models/{model}/labels/{version}:predict
      predict           POST    /v2/models/{model}/infer
      predict           POST    /v2/models/{model}/versions/{version}/infer
      read|predict      GET     /v1/models/{model}/metadata
      read|predict      GET     /v1/models/{model}/versions/{version}/metadata
      read|predict      GET     /v1/models/{model}/labels/{version}/metadata
      read|predict      GET     /v2
      read|predict      GET     /v2/
      read              GET     /v2/models
      read              GET     /v2/models/stats
      read|predict      GET     /v2/models/{model}
      read|predict      GET     /v2/models/{model}/ready
      read              GET     /v2/models/{model}/stats
      read|predict      GET     /v2/models/{model}/versions/{version}
      read|predict      GET     /v2/models/{model}/versions/{version}/ready
      read              GET     /v2/models/{model}/versions/{version}/stats
      read              POST    /v2/repository/index
      models:write      POST    /v2/repository/models/{model}/load
      models:write      POST    /v2/repository/models/{model}/unload

      read              GET     /v1/status
      read              GET     /v1/workers
      read              GET     /v1/usage

      admin             GET     /v1/keys
      admin             POST    /v1/keys
      admin             GET     /v1/keys/{key}
      admin             DELETE  /v1/keys/{key}
      admin             GET     /v1/audit
      admin             GET     /v1/backup
      admin             POST    /v1/restore
      admin             POST    /v1/jobs:resume
      """;

  /** The quota that an operation uses. */
  enum Quota {
    NONE,
    /** It stores bytes. */
    STORES,
    /** It queues a job. */
    QUEUES
  }

  /**
   * What an operation needs.
   *
   * @param any the scopes of which a caller needs one; empty: nobody needs a key
   */
  record Rule(Set<Scope> any, Quota quota) {
    static final Rule UNKNOWN = new Rule(Set.of(Scope.ADMIN), Quota.NONE);

    Rule {
      any = Set.copyOf(any);
    }

    boolean isOpen() {
      return any.isEmpty();
    }

    private static Rule of(String scopes, String quota) {
      Set<Scope> any = EnumSet.noneOf(Scope.class);
      if (!scopes.equals("open")) {
        for (String word : scopes.split("\\|")) {
          any.add(Scope.of(word).orElseThrow(() -> new IllegalStateException(word)));
        }
      }
      return new Rule(
          any,
          switch (quota) {
            case "stores" -> Quota.STORES;
            case "queues" -> Quota.QUEUES;
            case "" -> Quota.NONE;
            default -> throw new IllegalStateException(quota);
          });
    }
  }

  /** By path without the names of its variables, then by method. */
  private final Map<String, Map<String, Rule>> rules = new HashMap<>();

  /** The same by the paths that handlers declare, which are few. */
  private final Map<String, Map<String, Rule>> declared = new ConcurrentHashMap<>();

  public OperationRules() {
    TABLE.lines().filter(line -> !line.isBlank()).forEach(this::add);
  }

  private void add(String line) {
    String[] words = line.strip().split("\\s+");
    Rule rule = Rule.of(words[0], words.length > 3 ? words[3] : "");
    rules.computeIfAbsent(unnamed(words[2]), _ -> new HashMap<>()).put(words[1], rule);
  }

  /** Paths match whatever their variables are called. */
  private static String unnamed(String path) {
    return path.indexOf('{') < 0 ? path : path.replaceAll("\\{[^}]*}", "{}");
  }

  /**
   * The rule of an operation; null when there is none.
   *
   * @param pattern the path with variables, as the handler declares it
   */
  @Nullable Rule find(String method, String pattern) {
    Map<String, Rule> byMethod = declared.get(pattern);
    if (byMethod == null) {
      byMethod = rules.getOrDefault(unnamed(pattern), Map.of());
      declared.put(pattern, byMethod);
    }
    return byMethod.get(method.equals("HEAD") ? "GET" : method);
  }

  /** The scopes of which a caller needs one, as callers write them; none where all may call. */
  public List<String> scopes(String method, String pattern) {
    Rule rule = find(method, pattern);
    return rule == null ? List.of() : rule.any().stream().sorted().map(Scope::word).toList();
  }
}
