# cmake -DOUT=file.cc -DDIR=runbooks -P embed_texts.cmake: the *.md of a folder, but for _*.md, as the
# table that runbooks() returns.
file(GLOB texts ${DIR}/[A-Za-z]*.md)
list(SORT texts)
set(entries "")
foreach(text IN LISTS texts)
  get_filename_component(name ${text} NAME_WE)
  file(READ ${text} content)
  string(APPEND entries "    Runbook{\"${name}\", R\"~~~(${content})~~~\"},\n")
endforeach()
file(WRITE ${OUT} "#include \"agent/runbook/runbook.h\"

#include <array>

namespace plumbline {
namespace {

constexpr std::array kRunbooks{
${entries}};

}  // namespace

std::span<const Runbook> runbooks() {
  return kRunbooks;
}

}  // namespace plumbline
")
