package io.trainyard.job.process;

import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** The roles of this process: it answers callers, it trains, or both. */
@ConfigurationProperties("trainyard")
public record Roles(@DefaultValue({"api", "worker"}) Set<Role> roles) {
  public Roles {
    if (roles.isEmpty()) {
      throw new IllegalArgumentException("trainyard.roles must name api, worker or both");
    }
    roles = Set.copyOf(roles);
  }

  public boolean api() {
    return roles.contains(Role.API);
  }

  public boolean worker() {
    return roles.contains(Role.WORKER);
  }

  /** A role of a process. */
  public enum Role {
    API,
    WORKER
  }
}
