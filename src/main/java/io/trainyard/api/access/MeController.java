package io.trainyard.api.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.trainyard.access.AccessProperties;
import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Scope;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who calls, and how a person without a key gets a token. */
@RestController
class MeController {
  private final @Nullable Login login;

  MeController(AccessProperties properties) {
    AccessProperties.Oidc provider = properties.oidc();
    String issuer = provider.issuer();
    this.login =
        issuer == null
            ? null
            : new Login(
                issuer,
                Objects.requireNonNullElse(
                    provider.clientId(), Objects.requireNonNull(provider.audience())));
  }

  /** The caller, and what it may do. */
  @GetMapping("/v1/me")
  Me read() {
    Identity caller = Identity.current();
    if (caller.id().isEmpty() && caller.scopes().isEmpty()) {
      return new Me(null, null, null, null, login);
    }
    return new Me(
        caller.name(),
        caller.scopes().stream().sorted().map(Scope::word).toList(),
        names(caller.models()),
        names(caller.datasets()),
        login);
  }

  private static List<String> names(Binding binding) {
    return Objects.requireNonNullElse(binding.words(), List.of("*"));
  }

  /**
   * The caller of a request.
   *
   * @param caller left out, as are the next three, for one without a key
   * @param models the names, and beginnings of names with a {@code *}, that it may see and use
   * @param datasets the same
   * @param oidc left out where the service takes no tokens
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Me(
      @Nullable String caller,
      @Nullable List<String> scopes,
      @Nullable List<String> models,
      @Nullable List<String> datasets,
      @Nullable Login oidc) {}

  /** The provider whose tokens are taken, and the client that a page is there. */
  record Login(String issuer, String clientId) {}
}
