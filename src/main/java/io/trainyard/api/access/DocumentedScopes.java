package io.trainyard.api.access;

import io.trainyard.access.Scope;
import io.trainyard.api.docs.OperationScopes;
import java.util.List;
import org.springframework.stereotype.Component;

/** The scopes of operations for the OpenAPI document. */
@Component
final class DocumentedScopes implements OperationScopes {
  private final OperationRules rules = new OperationRules();

  @Override
  public List<String> of(String method, String path) {
    OperationRules.Rule rule = rules.find(method, path);
    return rule == null ? List.of() : rule.any().stream().sorted().map(Scope::word).toList();
  }
}
