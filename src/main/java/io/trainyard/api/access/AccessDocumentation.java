package io.trainyard.api.access;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.trainyard.access.Scope;
import io.trainyard.api.access.OperationRules.Rule;
import java.util.List;
import java.util.Map;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** Tells in the OpenAPI document which scope each operation needs. */
@Configuration(proxyBeanMethods = false)
class AccessDocumentation {
  private static final String SCHEME = "key";

  private static final Map<String, String> REFUSALS =
      Map.of(
          "401", "No key, or one that is not valid, where the service asks for keys",
          "403", "The key lacks the scope, or is bound to other models",
          "429", "The caller is over its limit or quota; see Retry-After");

  @Bean
  @Lazy
  OpenApiCustomizer documentedAccess() {
    OperationRules rules = new OperationRules();
    return document -> describe(document, rules);
  }

  private static void describe(OpenAPI document, OperationRules rules) {
    if (document.getComponents() == null) {
      document.setComponents(new Components());
    }
    document
        .getComponents()
        .addSecuritySchemes(
            SCHEME,
            new SecurityScheme()
                .type(SecurityScheme.Type.HTTP)
                .scheme("bearer")
                .description(
                    "A key made by POST /v1/keys, or a token of the service's OpenID provider."
                        + " Scopes: "
                        + Scope.words()
                        + "."));
    document
        .getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach(
                        (method, operation) -> {
                          Rule rule = rules.find(method.name(), path);
                          if (rule != null && !rule.isOpen()) {
                            describe(operation, rule);
                          }
                        }));
  }

  /** Any one of the scopes is enough, so each is a requirement of its own. */
  private static void describe(Operation operation, Rule rule) {
    List<Scope> any = rule.any().stream().sorted().toList();
    any.forEach(
        scope ->
            operation.addSecurityItem(
                new SecurityRequirement().addList(SCHEME, List.of(scope.word()))));
    REFUSALS.forEach(
        (status, meaning) ->
            operation.getResponses().putIfAbsent(status, new ApiResponse().description(meaning)));
  }
}
