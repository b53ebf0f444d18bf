package io.trainyard.access;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds out who calls, whichever way the call comes. */
public final class Access {
  private static final String SCHEME = "Bearer ";

  private final AccessMode mode;
  private final AccessKeys keys;
  private final @Nullable Tokens tokens;
  private final Identity open;

  /**
   * @param tokens null when only keys are accepted
   * @param limits of callers in the mode open
   */
  public Access(AccessMode mode, AccessKeys keys, @Nullable Tokens tokens, Limits limits) {
    this.mode = mode;
    this.keys = keys;
    this.tokens = tokens;
    this.open = Identity.open(limits);
  }

  public boolean isOpen() {
    return mode == AccessMode.OPEN;
  }

  /**
   * The one that a request has.
   *
   * @return null for none
   * @throws ServiceException UNAUTHENTICATED for several: a proxy before the service may have
   *     looked at another one
   */
  public static @Nullable String one(List<String> authorizations) {
    if (authorizations.size() > 1) {
      throw new ServiceException(
          ErrorCode.UNAUTHENTICATED,
          "A request has one Authorization header, and this one has %d: leave out all but one"
              .formatted(authorizations.size()));
    }
    return authorizations.isEmpty() ? null : authorizations.getFirst();
  }

  /**
   * The caller of a request.
   *
   * @param authorization as in the header of that name; null: none
   * @throws ServiceException UNAUTHENTICATED when it is not valid
   */
  public Identity identify(@Nullable String authorization) {
    if (isOpen()) {
      return open;
    }
    if (authorization == null || authorization.isBlank()) {
      return Identity.nobody();
    }
    if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw new ServiceException(
          ErrorCode.UNAUTHENTICATED,
          "Authorization must be 'Bearer' and a key" + (tokens == null ? "" : " or a token"));
    }
    String credential = authorization.substring(SCHEME.length()).strip();
    return tokens != null && isToken(credential)
        ? tokens.identify(credential)
        : keys.identify(credential);
  }

  /** A signed token has three parts; no key of this service has a dot. */
  private static boolean isToken(String credential) {
    int first = credential.indexOf('.');
    return first > 0 && credential.indexOf('.', first + 1) > 0;
  }

  /** The refusal of a caller without a key. */
  public ServiceException needsKey() {
    return new ServiceException(
        ErrorCode.UNAUTHENTICATED,
        "This needs a key%s: send 'Authorization: Bearer <key>'. Administrators make keys by POST"
                .formatted(tokens == null ? "" : " or a token")
            + " /v1/keys; the first one is TRAINYARD_ADMIN_KEY, or in the output of the first"
            + " start");
  }
}
