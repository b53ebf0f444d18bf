package io.trainyard;

import io.trainyard.access.Access;
import io.trainyard.access.AccessKeyStore;
import io.trainyard.access.AccessKeys;
import io.trainyard.access.AccessMode;
import io.trainyard.access.AccessProperties;
import io.trainyard.access.AuditLog;
import io.trainyard.access.CallerLimits;
import io.trainyard.access.Limits;
import io.trainyard.access.Proxies;
import io.trainyard.access.ProxyProperties;
import io.trainyard.access.Quotas;
import io.trainyard.access.StoredUsage;
import io.trainyard.access.Tokens;
import io.trainyard.access.oidc.OidcTokens;
import io.trainyard.job.process.Roles;
import io.trainyard.settings.AccessSettings;
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
import org.springframework.scheduling.annotation.Scheduled;

/** Decides whether callers need keys, and makes the first one. */
@Configuration(proxyBeanMethods = false)
class AccessConfiguration {
  private static final Logger log = LoggerFactory.getLogger(AccessConfiguration.class);

  @Bean
  AccessSettings accessSettings(
      Environment environment,
      AccessProperties properties,
      ServerProperties server,
      ObjectProvider<GrpcServerProperties> grpc) {
    return AccessSettings.of(environment, properties, server, grpc.getIfAvailable());
  }

  @Bean
  AccessKeys accessKeys(
      AccessKeyStore store, AccessProperties properties, AccessSettings settings, Clock clock) {
    boolean needsAdmin = settings.mode() == AccessMode.KEYS && properties.oidc().issuer() == null;
    return new AccessKeys(
        store, properties.limits().limits(), properties.refresh(), needsAdmin, clock);
  }

  @Bean
  Proxies proxies(ProxyProperties properties) {
    return new Proxies(properties);
  }

  @Bean
  Access access(
      AccessKeys keys,
      AccessProperties properties,
      AccessSettings settings,
      Roles roles,
      Clock clock) {
    if (settings.mode() == AccessMode.OPEN && !settings.isLocal()) {
      log.warn(
          "Everyone who reaches this address may do everything: trainyard.access.mode is open and"
              + " server.address is not loopback");
    }
    Limits limits = properties.limits().limits();
    Tokens tokens =
        properties.oidc().issuer() == null
            ? null
            : new OidcTokens(properties.oidc(), limits, clock);
    if (settings.mode() == AccessMode.KEYS) {
      start(keys, settings.adminKey(), roles.api(), tokens != null);
    }
    return new Access(settings.mode(), keys, tokens, limits);
  }

  private static void start(
      AccessKeys keys, @Nullable String chosen, boolean answersCallers, boolean tokens) {
    if (chosen != null) {
      keys.adopt(chosen, AccessSettings.ADMIN_KEY);
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
            .formatted(key, key.substring(0, 11) + "…", AccessSettings.ADMIN_KEY));
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
      audit.deleteBefore(clock.instant().minus(properties.auditRetention()));
    }
  }
}
