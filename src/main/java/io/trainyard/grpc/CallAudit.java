package io.trainyard.grpc;

import io.trainyard.access.AuditLog;
import io.trainyard.access.Identity;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Writes changes that calls make into the audit log. */
@Component
@OnApiRole
record CallAudit(AuditLog audit, Clock clock) {
  private static final Logger log = LoggerFactory.getLogger(CallAudit.class);

  void add(String method, String model) {
    Identity caller = Identity.current();
    try {
      audit.add(
          new AuditLog.Entry(
              0,
              clock.instant().truncatedTo(ChronoUnit.MICROS),
              caller.id(),
              caller.name(),
              "gRPC " + method,
              "models/" + model,
              null,
              null));
    } catch (RuntimeException e) {
      log.error(
          "The audit log lacks an entry, which is only here: {} by '{}' ({}) on the model {}",
          method,
          caller.name(),
          caller.id(),
          model,
          e);
    }
  }
}
