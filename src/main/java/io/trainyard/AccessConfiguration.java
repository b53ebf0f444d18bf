package io.trainyard;

import io.trainyard.access.Access;
import io.trainyard.access.AccessKeyStore;
import io.trainyard.access.AccessKeys;
import io.trainyard.access.AccessMode;
import io.trainyard.access.AccessProperties;
import io.trainyard.access.AuditLog;
import io.trainyard.access.CallerLimits;
import io.trainyard.access.Proxies;
import io.trainyard.access.ProxyProperties;
import io.trainyard.access.Quotas;
import io.trainyard.access.StoredUsage;
import io.trainyard.access.Tokens;
import io.trainyard.access.oidc.OidcTokens;
import io.trainyard.error.StartRefusedException;
import io.trainyard.job.process.Roles;
import java.net.InetAddress;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;

/** Decides whether callers need keys, and makes the first one. */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration {
  private static final Logger log = LoggerFactory.getLogger(AccessConfiguration.class);

  /** The variable with the operator's own key. */
  private static final String ADMIN_KEY = "TRAINYARD_ADMIN_KEY";

  private static final int SHORTEST_KEY = 32;
  private static final int LONGEST_KEY = 512;

  @Bean
  AccessKeys accessKeys(
      AccessKeyStore store,
      AccessProperties properties,
      ServerProperties server,
      ObjectProvider<GrpcServerProperties> grpc,
      Clock clock) {
    boolean needsAdmin =
        mode(properties, server, grpc.getIfAvailable()) == AccessMode.KEYS
            && properties.oidc().issuer() == null;
    return new AccessKeys(
        store, properties.limits().limits(), properties.refresh(), needsAdmin, clock);
  }

  /** Refuses an operator's key that would be refused once the database is there. */
  static void check(
      Environment environment,
      AccessProperties properties,
      ServerProperties server,
      @Nullable GrpcServerProperties grpc) {
    if (mode(properties, server, grpc) == AccessMode.KEYS) {
      var _ = chosenKey(environment);
    }
  }

  /** The operator's own key; null without one. */
  private static @Nullable String chosenKey(Environment environment) {
    String chosen = environment.getProperty(ADMIN_KEY);
    if (chosen == null || chosen.isBlank()) {
      return null;
    }
    boolean visible = chosen.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    if (!visible || chosen.length() < SHORTEST_KEY || chosen.length() > LONGEST_KEY) {
      throw new StartRefusedException(
          "%s must have %d to %d visible ASCII characters, as 'openssl rand -hex 32' gives"
              .formatted(ADMIN_KEY, SHORTEST_KEY, LONGEST_KEY));
    }
    return chosen;
  }

  private static AccessMode mode(
      AccessProperties properties, ServerProperties server, @Nullable GrpcServerProperties grpc) {
    AccessMode chosen = properties.mode();
    if (chosen != null) {
      return chosen;
    }
    return isLocal(server, grpc) ? AccessMode.OPEN : AccessMode.KEYS;
  }

  private static boolean isLocal(ServerProperties server, @Nullable GrpcServerProperties grpc) {
    return isLoopback(server.getAddress()) && (grpc == null || isLoopback(grpc.getAddress()));
  }

  @Bean
  Proxies proxies(ProxyProperties properties) {
    return new Proxies(properties);
  }

  @Bean
  Access access(
      AccessKeys keys,
      AccessProperties properties,
      ServerProperties server,
      ObjectProvider<GrpcServerProperties> grpc,
      Environment environment,
      Roles roles,
      Clock clock) {
    GrpcServerProperties calls = grpc.getIfAvailable();
    AccessMode mode = mode(properties, server, calls);
    if (mode == AccessMode.OPEN && !isLocal(server, calls)) {
      log.warn(
          "Everyone who reaches this address may do everything: trainyard.access.mode is open and"
              + " server.address is not loopback");
    }
    boolean tokens = properties.oidc().issuer() != null;
    if (mode == AccessMode.KEYS) {
      start(keys, chosenKey(environment), roles.api(), tokens);
    }
    return new Access(
        mode, keys, tokens ? tokens(properties, clock) : null, properties.limits().limits());
  }

  private static boolean isLoopback(@Nullable InetAddress address) {
    return address != null && address.isLoopbackAddress();
  }

  private static Tokens tokens(AccessProperties properties, Clock clock) {
    return new OidcTokens(properties.oidc(), properties.limits().limits(), clock);
  }

  private static void start(
      AccessKeys keys, @Nullable String chosen, boolean answersCallers, boolean tokens) {
    if (chosen != null) {
      keys.adopt(chosen, ADMIN_KEY);
    } else if (answersCallers && !tokens) {
      keys.first().ifPresent(AccessConfiguration::show);
    }
    keys.start();
  }

  /** Not logged: logs are kept, and read by others. */
  @SuppressWarnings("SystemOut")
  private static void show(String key) {
    System.out.println(
        """

        The first key, for everything. It is shown only now; make others with it (POST /v1/keys):

            %s

        Send it as 'Authorization: Bearer %s'. %s sets another one.
        """
            .formatted(key, key.substring(0, 11) + "…", ADMIN_KEY));
  }

  @Bean
  CallerLimits callerLimits() {
    return new CallerLimits();
  }

  @Bean
  Quotas quotas(StoredUsage usage) {
    return new Quotas(usage);
  }

  @Bean
  AuditCleanup auditCleanup(AuditLog audit, AccessProperties properties, Clock clock) {
    return new AuditCleanup(audit, properties, clock);
  }

  /** Deletes changes that are older than the audit log goes back. */
  record AuditCleanup(AuditLog audit, AccessProperties properties, Clock clock) {
    @Scheduled(initialDelayString = "PT3M", fixedDelayString = "PT1H")
    void deleteOld() {
      try {
        audit.deleteBefore(clock.instant().minus(properties.auditRetention()));
      } catch (DataAccessException e) {
        log.warn("The cleanup of the audit log is retried later: {}", e.toString());
      }
    }
  }
}
