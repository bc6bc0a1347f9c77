; The Windows installer, for one person and without administrator rights. build.sh makes it, and says what VERSION, TREE,
; ICON, REMOVE, SIZE_KB, OUT and SIGN are.
;
; Promise: what it puts on the computer, its uninstaller takes away, and nothing else; but the library only if the person
; says so, and never in silence (/S). Photos and sidecars are not touched.

Unicode true
Target amd64-unicode
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
SetCompressor /SOLID lzma
; Large enough to see that the two programs are one.
SetCompressorDictSize 128

!include FileFunc.nsh
!include LogicLib.nsh
!include MUI2.nsh
!include WinVer.nsh

!define APPS "Software\Microsoft\Windows\CurrentVersion\Uninstall\Tagroll"
!define APP_PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths\tagroll.exe"
!define CLASSES "Software\Classes"
!define LIBRARY "$LOCALAPPDATA\tagroll\data"
!define PUBLISHER "The Tagroll developers"

Name "Tagroll"
OutFile "${OUT}"
BrandingText "Tagroll ${VERSION}"
InstallDir "$LOCALAPPDATA\Programs\Tagroll"
InstallDirRegKey HKCU "${APPS}" "InstallLocation"
!ifdef SIGN
  !uninstfinalize '"${SIGN}" "%1"'
!endif

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Tagroll"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Installs Tagroll"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "Copyright (c) ${PUBLISHER}. MIT OR Apache-2.0"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\tagrollw.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
; The first is for every language that is not here.
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

LangString OpenWith ${LANG_ENGLISH} "Open with Tagroll"
LangString OpenWith ${LANG_GERMAN} "Mit Tagroll öffnen"
LangString TooOld ${LANG_ENGLISH} "Tagroll needs Windows 10 or later."
LangString TooOld ${LANG_GERMAN} "Tagroll braucht Windows 10 oder neuer."
LangString IsOpen ${LANG_ENGLISH} "Tagroll is open. Close it, then choose Retry."
LangString IsOpen ${LANG_GERMAN} "Tagroll ist geöffnet. Schließen Sie es, und wählen Sie dann „Wiederholen“."
LangString OldStays ${LANG_ENGLISH} "The older Tagroll in $0 could not be removed. Uninstall it in the settings of Windows, then start again."
LangString OldStays ${LANG_GERMAN} "Das ältere Tagroll in $0 ließ sich nicht entfernen. Deinstallieren Sie es in den Einstellungen von Windows, und beginnen Sie dann neu."
LangString RemoveLibrary ${LANG_ENGLISH} "Shall Tagroll's library be removed, too?$\r$\n$\r$\nIt holds your categories and answers, thumbnails, downloaded models, and what is needed to take exports back:$\r$\n${LIBRARY}$\r$\n$\r$\nYour photos and their sidecars stay in any case."
LangString RemoveLibrary ${LANG_GERMAN} "Soll auch die Bibliothek von Tagroll entfernt werden?$\r$\n$\r$\nSie enthält Ihre Kategorien und Antworten, Vorschaubilder, heruntergeladene Modelle und was nötig ist, um Exporte zurückzunehmen:$\r$\n${LIBRARY}$\r$\n$\r$\nIhre Fotos und deren Begleitdateien bleiben auf jeden Fall."

; Puts 1 into $2 where the program FILE is running: Windows then lets nobody write to it.
!macro LookWhetherOpen FILE
  ${If} ${FileExists} "${FILE}"
    ClearErrors
    FileOpen $1 "${FILE}" a
    ${If} ${Errors}
      StrCpy $2 1
    ${Else}
      FileClose $1
    ${EndIf}
  ${EndIf}
!macroend

; Waits until the Tagroll in FOLDER is closed; in silence, gives up.
!macro RequireClosed FOLDER
  ${Do}
    StrCpy $2 0
    !insertmacro LookWhetherOpen "${FOLDER}\tagroll.exe"
    !insertmacro LookWhetherOpen "${FOLDER}\tagrollw.exe"
    ${If} $2 = 0
      ${Break}
    ${EndIf}
    ${If} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(IsOpen)" /SD IDCANCEL IDCANCEL`
      SetErrorLevel 2
      Abort "$(IsOpen)"
    ${EndIf}
  ${Loop}
!macroend

; What Explorer offers for folders, drives and the empty space in a folder. The dot keeps the backslash after "C:" from
; hiding the quotation mark.
!macro OfferOn KIND PLACE
  WriteRegStr HKCU "${CLASSES}\${KIND}\shell\Tagroll" "" "$(OpenWith)"
  WriteRegStr HKCU "${CLASSES}\${KIND}\shell\Tagroll" "Icon" '"$INSTDIR\tagrollw.exe",0'
  WriteRegStr HKCU "${CLASSES}\${KIND}\shell\Tagroll\command" "" '"$INSTDIR\tagrollw.exe" "${PLACE}\."'
!macroend

!macro OfferNoMoreOn KIND
  DeleteRegKey HKCU "${CLASSES}\${KIND}\shell\Tagroll"
  DeleteRegKey /ifempty HKCU "${CLASSES}\${KIND}\shell"
  DeleteRegKey /ifempty HKCU "${CLASSES}\${KIND}"
!macroend

Function .onInit
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "$(TooOld)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
FunctionEnd

Section "Tagroll"
  ; An older version knows best what belongs to it.
  ReadRegStr $0 HKCU "${APPS}" "InstallLocation"
  ${If} $0 != ""
  ${AndIf} ${FileExists} "$0\uninstall.exe"
    !insertmacro RequireClosed "$0"
    ExecWait '"$0\uninstall.exe" /S _?=$0' $1
    ${If} $1 <> 0
      MessageBox MB_OK|MB_ICONSTOP "$(OldStays)" /SD IDOK
      SetErrorLevel 2
      Abort "$(OldStays)"
    ${EndIf}
  ${EndIf}

  SetOutPath "$INSTDIR"
  File /r "${TREE}/*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Tagroll.lnk" "$INSTDIR\tagrollw.exe"
  !insertmacro OfferOn "Directory" "%1"
  !insertmacro OfferOn "Directory\Background" "%V"
  !insertmacro OfferOn "Drive" "%1"
  WriteRegStr HKCU "${APP_PATHS}" "" "$INSTDIR\tagrollw.exe"

  WriteRegStr HKCU "${APPS}" "DisplayName" "Tagroll"
  WriteRegStr HKCU "${APPS}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${APPS}" "DisplayIcon" "$INSTDIR\tagrollw.exe,0"
  WriteRegStr HKCU "${APPS}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${APPS}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${APPS}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${APPS}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${APPS}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD HKCU "${APPS}" "NoModify" 1
  WriteRegDWORD HKCU "${APPS}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  !insertmacro RequireClosed "$INSTDIR"
  ${If} ${FileExists} "${LIBRARY}\*.*"
  ${AndIf} ${Cmd} `MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(RemoveLibrary)" /SD IDNO IDYES`
    RMDir /r "${LIBRARY}"
    RMDir "$LOCALAPPDATA\tagroll"
  ${EndIf}

  Delete "$SMPROGRAMS\Tagroll.lnk"
  !insertmacro OfferNoMoreOn "Directory\Background"
  !insertmacro OfferNoMoreOn "Directory"
  !insertmacro OfferNoMoreOn "Drive"
  DeleteRegKey HKCU "${APP_PATHS}"
  DeleteRegKey HKCU "${APPS}"
  !include "${REMOVE}"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  ; A folder that holds anything stays.
  RMDir "$LOCALAPPDATA\Programs"
SectionEnd
